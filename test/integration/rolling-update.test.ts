import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { seriesServers } from '../support/series-servers.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import type { SyntheticSeries } from '../support/synthetic-series.ts';

const COUNT = 'http_request_duration_seconds_count';
/** Seconds after the first scrape at which the stage begins; the update takes the minute after, and one more. */
const BEGINS = 7_200;

/** 20 requests/s. Of the new version a fifth fails; the old one goes slowly, so that its sum with the new hides half. */
function updated(app: string, labels: (version: string) => string, failing: number): SyntheticSeries[] {
  const of = (version: string, code: string, at: SyntheticSeries['at']): SyntheticSeries => ({
    series: `${COUNT}{app="${app}",${labels(version)}code="${code}"}`,
    at,
  });
  const old = (s: number) => (s <= BEGINS + 120 ? 20 * Math.min(s, BEGINS) + 10 * Math.max(0, s - BEGINS) : null);
  const fresh = (share: number) => (s: number) =>
    s < BEGINS ? null : share * (10 * Math.min(120, s - BEGINS) + 20 * Math.max(0, s - BEGINS - 120));
  return [of('1.4', '200', old), of('1.5', '200', fresh(1 - failing)), of('1.5', '500', fresh(failing))];
}

const [server] = seriesServers('tests of a rolling update');

describe.skipIf(server?.missing ?? true)('a rolling update that goes on after finish', () => {
  let stage: ClockedStage;
  let prometheus: MonitoringServer;
  beforeAll(async () => {
    if (server === undefined) return;
    const { timeMs } = server;
    const fromMs = timeMs - BEGINS * 1_000;
    const same = { series: `${COUNT}{app="same",version="1.4",code="200"}`, at: (s: number) => 20 * s };
    const shop = updated('shop', (version) => `version="${version}",`, 0.2);
    prometheus = await server.start([...shop, same], { fromMs, toMs: timeMs + 3_600_000, stepSeconds: 15 });
    stage = await openClockedStage({}, timeMs);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await prometheus?.[Symbol.asyncDispose]();
  });

  async function connected(app: string) {
    const created = await stage.api.newProject({ name: app });
    const path = `/projects/${created.id}/source`;
    const source = { type: 'prometheus', url: prometheus.url, preset: 'prom-client', version_label: 'version' };
    await stage.api.operator('PUT', path, { ...source, selector: `app="${app}"` });
    return { ...created, tested: await stage.api.operator('POST', `${path}/test`, {}) };
  }
  async function after(apiKey: string, id: string) {
    const headers = { 'X-API-Key': apiKey };
    const { body } = await stage.api.request('GET', `/deployments/${id}/metrics`, { headers });
    return body.samples.filter(({ phase }: { phase: string }) => phase === 'post');
  }

  test('is judged by the new version alone, and the old one is kept beside as its control', async () => {
    const { apiKey, tested } = await connected('shop');
    expect(tested.body).toMatchObject({
      active: { version_label: 'version', control: null },
      versions: { requests: { '1.4': expect.closeTo(20, 1) }, problem: null },
    });
    const triggered = await stage.api.trigger(apiKey, { env: 'prod' });
    const deploymentId = triggered.body.deployment_id;
    await stage.api.finish(apiKey, { deployment_id: deploymentId, result: 'success' });
    await stage.pass(900);
    const samples = await after(apiKey, deploymentId);
    // The minute that ended when finish came holds nothing of the new version, also when it is asked for again: the old
    // one alone is no "after" as long as a new one comes.
    for (const sample of samples) {
      expect(sample).toMatchObject({ versions: ['1.5'], error_rate: expect.closeTo(0.2, 3) });
    }
    expect(samples.map(({ requests_per_sec: rate }: { requests_per_sec: number | null }) => rate === null)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(samples[0].control).toMatchObject({ versions: ['1.4'], error_rate: 0 });
    expect(samples[0].requests).toBeGreaterThan(0);
    expect(samples[3].control).toBeUndefined();
    const { body: judged } = await stage.api.deployment(apiKey, deploymentId);
    expect(judged.verdict.verdict).toBe('rollback_recommended');
  });

  test.each([
    ['1.4', 5],
    [undefined, 0],
  ])(
    'the version that CI names (%s) tells that nothing new is to be waited for: %i samples in time',
    async (version, count) => {
      const { apiKey } = await connected('same');
      const { body } = await stage.api.trigger(apiKey, { env: 'prod', version });
      await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
      await stage.pass(301);
      expect(await after(apiKey, body.deployment_id)).toHaveLength(count);
      // At its last try everything is read as one.
      await stage.pass(700);
      expect(await after(apiKey, body.deployment_id)).toHaveLength(5);
      await stage.reset();
    },
  );
});
