import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';
import { acceleratePrometheusFiles, linkPrometheusFiles, writeServiceTargets } from '../../harness/monitoring-files.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startPrometheus } from '../../harness/monitoring-server.ts';
import { queryPrometheus, scrapeTargets } from '../../harness/prometheus-query.ts';
import { until } from '../../harness/until.ts';
import { openStage, type Stage } from '../support/stage.ts';

const programs = findMonitoringPrograms('the tests that a real Prometheus scrapes the service in are', ['prometheus']);

describe.skipIf(programs.missing)('a real Prometheus', () => {
  const opened = new AsyncDisposableStack();
  let stage: Stage;

  beforeAll(async () => {
    // A window of 5 samples 1 s apart: a deployment is judged within seconds of real time.
    stage = opened.use(
      await openStage({
        SEQPULSE_PRE_SAMPLES: '1',
        SEQPULSE_POST_INTERVAL_SECONDS: '1',
      }),
    );
  });
  afterAll(async () => await opened.disposeAsync());

  async function prometheusOn(prepareFiles: (folder: string) => void): Promise<MonitoringServer> {
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-prometheus-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    prepareFiles(folder);
    writeServiceTargets(folder, [{ targets: [new URL(stage.running.service.url).host], environment: 'test' }]);
    return opened.use(await startPrometheus(programs.path('prometheus'), folder));
  }

  async function deployAndAwaitVerdict(projectName: string): Promise<void> {
    const { api, app } = stage;
    const { apiKey } = await api.newProject({ name: projectName, endpoint: app.url });
    const id = (await api.trigger(apiKey, { env: 'prod' })).body.deployment_id;
    await until('a sample from before', 30, async () => {
      const { body } = await api.request('GET', `/deployments/${id}/metrics`, { headers: { 'X-API-Key': apiKey } });
      return body.samples.length > 0;
    });
    await api.finish(apiKey, { deployment_id: id, result: 'success' });
    await until('a verdict', 45, async () => (await api.deployment(apiKey, id)).body.verdict !== null);
  }

  test('scrapes the service through the repository’s own prometheus.yml, as job seqpulse-backend with its environment', async () => {
    const prometheus = await prometheusOn(linkPrometheusFiles);
    const target = await until('a scrape (every 15 s)', 60, async () =>
      (await scrapeTargets(prometheus)).find(({ health }) => health !== 'unknown'),
    );
    expect(target).toMatchObject({
      health: 'up',
      lastError: '',
      labels: { job: 'seqpulse-backend', environment: 'test' },
    });
    expect(await queryPrometheus(prometheus, 'count({job="seqpulse-backend", environment!="test"})')).toEqual([]);
  });

  test('gives finite values for the six panels of the contract after deployments', async () => {
    const prometheus = await prometheusOn((folder) =>
      acceleratePrometheusFiles(folder, { intervals: 15, windows: 1, holds: 1, notifications: 1 }),
    );
    await deployAndAwaitVerdict('first');
    // Between the two there is a scrape: a rate needs growth that it has seen.
    await until('the first verdict to be scraped', 45, async () =>
      (await queryPrometheus(prometheus, 'seqpulse_analysis_duration_seconds_count > 0')).at(0),
    );
    await deployAndAwaitVerdict('second');

    const answers = await until('all panels to have values', 45, async () => {
      const results = await Promise.all(
        Object.values(CONTRACT_PANELS).map((expr) => queryPrometheus(prometheus, expr)),
      );
      const finite = results.every(
        (series) => series.length > 0 && series.every(({ value }) => Number.isFinite(value)),
      );
      return finite ? results : null;
    });
    const [requestRate, latency, pending, failed, collected, analysis] = answers;
    expect(requestRate?.[0]?.value).toBeGreaterThan(0);
    expect(latency?.[0]?.value).toBeGreaterThan(0);
    expect(pending?.[0]?.value).toBeGreaterThanOrEqual(0);
    expect(failed?.[0]?.value).toBe(0);
    expect(collected?.map(({ labels }) => labels.phase).sort()).toEqual(['post', 'pre']);
    expect(analysis?.map(({ labels }) => labels.outcome)).toEqual(['ok']);
  });
});
