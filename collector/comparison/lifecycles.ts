import { randomUUID } from 'node:crypto';
import type { Api } from '../../harness/api.ts';
import { BROKEN, HEALTHY, startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';

/**
 * Deployments of every kind of ending, and requests of every kind of answer, so that each metric has the series that
 * it has in operation.
 *
 * @param steps.untilStored resolves when the query answers both ways: between two deployments there must be a scrape,
 * for a rate needs growth that it has seen.
 */
export async function runLifecycles(
  api: Api,
  steps: { readonly untilStored: (expr: string) => Promise<void> },
): Promise<void> {
  await using app = await startObservedApp();
  let deployed = 0;
  const deploy = async (): Promise<void> => {
    deployed += 1;
    const { apiKey } = await api.newProject({ name: `project ${deployed}`, endpoint: app.url });
    const { body } = await api.trigger(apiKey, { env: 'prod' });
    const id = body.deployment_id as string;
    await until('samples from before', 30, async () => await hasSamples(api, apiKey, id));
    await beforeFinish();
    await api.finish(apiKey, { deployment_id: id, result: 'success' });
    await until('a verdict', 45, async () => (await api.deployment(apiKey, id)).body.verdict !== null);
  };
  let beforeFinish = (): Promise<void> | void => {};

  await deploy();
  await answersOfEveryKind(api);
  await steps.untilStored('seqpulse_analysis_verdict_total{verdict="ok"} > 0');

  await deploy();
  beforeFinish = () => {
    app.metrics = BROKEN;
  };
  await deploy();
  // Every collect after it gives up: there is nothing to judge by.
  app.metrics = HEALTHY;
  beforeFinish = () => {
    app.behaviour = (response) => response.writeHead(500).end();
  };
  await deploy();
  await answersOfEveryKind(api);
  await steps.untilStored('seqpulse_analysis_verdict_total{verdict="insufficient_data"} > 0');
}

async function hasSamples(api: Api, apiKey: string, id: string): Promise<boolean> {
  const { body } = await api.request('GET', `/deployments/${id}/metrics`, { headers: { 'X-API-Key': apiKey } });
  return body.samples.length > 1;
}

/** 200, 401, 404 with and without a route, 405, 422, an unknown method. */
async function answersOfEveryKind(api: Api): Promise<void> {
  await api.request('GET', '/livez');
  await api.request('GET', '/health');
  await api.trigger('SP_wrong', { env: 'prod' });
  await api.request('GET', '/nowhere');
  await api.request('PURGE', '/livez');
  await api.request('POST', '/projects', { rawBody: '{' });
  await api.operator('POST', '/projects', { name: '' });
  await api.operator('GET', `/projects/${randomUUID()}`);
}
