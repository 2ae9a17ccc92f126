import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DashboardQuery, promqlValues, queriesOf } from '../../harness/dashboard-queries.ts';
import { acceleratePrometheusFiles, writeServiceTargets } from '../../harness/monitoring-files.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startPrometheus } from '../../harness/monitoring-server.ts';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { committedDashboards } from './committed-dashboards.ts';

const programs = findMonitoringPrograms('the PromQL of every panel on a real Prometheus is', ['prometheus']);

/** Scrapes once a second; windows, holds and limits as they are. */
const ONCE_A_SECOND = { intervals: 15, windows: 1, holds: 1, notifications: 1 };
/** What Grafana makes of `$__rate_interval` then: four scrapes. */
const RATE_INTERVAL = '4s';
/** Rates need a second event of the same kind in a later scrape, so deployments go on until all panels have drawn. */
const MAX_SECONDS = 150;

const queries = committedDashboards().flatMap(({ file, dashboard }) =>
  queriesOf(dashboard)
    .filter(({ kind }) => kind === 'promql')
    .map((query) => ({ title: `${file}: ${query.place}`, query })),
);

describe.skipIf(programs.missing)(
  'with a service that deploys well, badly and into silence, Prometheus has data for',
  () => {
    const opened = new AsyncDisposableStack();
    let stage: Stage;
    let prometheus: MonitoringServer;
    const startedAt = new Date();
    const drawn = new Set<DashboardQuery>();

    beforeAll(async () => {
      stage = opened.use(
        await openStage({
          SEQPULSE_PRE_SAMPLES: '1',
          SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
          SEQPULSE_RETRY_DELAYS_SECONDS: '0.1,0.1,0.1',
        }),
      );
      const folder = mkdtempSync(join(tmpdir(), 'seqpulse-panels-'));
      opened.defer(() => rmSync(folder, { recursive: true, force: true }));
      acceleratePrometheusFiles(folder, ONCE_A_SECOND);
      const target = new URL(stage.running.service.url).host;
      writeServiceTargets(folder, [{ targets: [target], environment: 'test' }]);
      prometheus = opened.use(await startPrometheus(programs.path('prometheus'), folder));
      await deployUntilDrawn();
    }, MAX_SECONDS * 2_000);
    afterAll(async () => await opened.disposeAsync());

    async function deployUntilDrawn(): Promise<void> {
      const { api, app } = stage;
      const projects = await Promise.all(
        ['well', 'badly', 'slowly', 'silent'].map(async (name) => await api.newProject({ name, endpoint: app.url })),
      );
      const afters = [HEALTHY, BROKEN, { ...HEALTHY, latency_p95: 320 }, null];
      const deadline = performance.now() + MAX_SECONDS * 1000;
      for (let round = 0; drawn.size < queries.length && performance.now() < deadline; round += 1) {
        const place = round % projects.length;
        const after = afters[place] ?? null;
        const apiKey = projects[place]?.apiKey ?? '';
        app.metrics = HEALTHY;
        app.behaviour = null;
        const id = (await api.trigger(apiKey, { env: 'prod' })).body.deployment_id;
        const one = async () => (await api.deployment(apiKey, id)).body;
        await until('its sample before', 20, async () => (await samplesOf(apiKey, id)) > 0);
        if (after === null) app.behaviour = (response) => response.writeHead(503).end();
        else app.metrics = after;
        await api.finish(apiKey, { deployment_id: id, result: 'success' });
        await until('its verdict', 30, async () => (await one()).state === 'analyzed');
        await look();
      }
    }

    async function samplesOf(apiKey: string, id: string): Promise<number> {
      const answer = await stage.api.request('GET', `/deployments/${id}/metrics`, { headers: { 'X-API-Key': apiKey } });
      return answer.body.samples.length;
    }

    async function look(): Promise<void> {
      const range = { from: startedAt, to: new Date() };
      for (const { query } of queries) {
        if (drawn.has(query)) continue;
        if ((await promqlValues(prometheus.url, query, range, RATE_INTERVAL)).length > 0) drawn.add(query);
      }
    }

    test.each(queries)('$title', ({ query }) => {
      expect([...drawn].map(({ place, text }) => `${place}: ${text}`)).toContain(`${query.place}: ${query.text}`);
    });
  },
);

test('the dashboards have PromQL to try', () => {
  expect(queries.length).toBeGreaterThanOrEqual(40);
});
