import { expect, test } from 'vitest';
import { detectDeployments } from '../../src/lifecycle/detect.ts';
import { seriesServers } from '../support/series-servers.ts';
import { openClockedStage } from '../support/stage.ts';
import { histogram, type SyntheticSeries } from '../support/synthetic-series.ts';

/** Seconds after the first sample: the stage's time, when the new version comes, when the old one goes. */
const NOW = 3_600;
const COMES = NOW + 300;
const GONE = COMES + 90;

/** 20 requests/s of one version or the other. */
function served(version: string, requestsAt: (seconds: number) => number | null): SyntheticSeries[] {
  const labels = `service_name="checkout",version="${version}",http_response_status_code="200"`;
  const shares = { 0.1: 0.5, 0.2: 0.5 };
  return histogram('http_server_request_duration_seconds', labels, { perSecond: 1, mean: 0.1, shares }).map(
    ({ series, at }) => ({
      series,
      at: (seconds: number) => {
        const requests = requestsAt(seconds);
        return requests === null ? null : (at(1) ?? 0) * requests;
      },
    }),
  );
}

for (const server of seriesServers('a test of deployments found by a label')) {
  test.skipIf(server.missing)(
    `a deployment is found by a label of ${server.name}, with the hour before it`,
    async () => {
      const span = { fromMs: server.timeMs, toMs: server.timeMs + NOW * 1_000 + 1_800_000, stepSeconds: 15 };
      await using prometheus = await server.start(
        [
          ...served('1.4', (seconds) => (seconds <= GONE ? 20 * seconds : null)),
          ...served('1.5', (seconds) => (seconds >= COMES ? 20 * (seconds - COMES) : null)),
        ],
        span,
      );
      await using stage = await openClockedStage({}, server.timeMs + NOW * 1_000);
      const { id, apiKey } = await stage.api.newProject({ name: 'by label' });
      const source = {
        type: 'prometheus',
        url: prometheus.url,
        selector: 'service_name="checkout"',
        version_label: 'version',
      };
      await stage.api.operator('PUT', `/projects/${id}/source`, source);
      expect((await stage.api.operator('POST', `/projects/${id}/source/test`, {})).status).toBe(200);
      for (let minute = 0; minute < 11; minute += 1) {
        await stage.clock.setTime(stage.clock.now() + 60_000);
        await detectDeployments(stage.running.service.lifecycle);
      }
      const { body } = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey } });
      expect(body.items).toMatchObject([
        { origin: 'detected', version: '1.5', state: 'finished', samples: { before: { expected: 15, collected: 15 } } },
      ]);
      const beganMs = Date.parse(String(body.items[0]?.started_at)) - server.timeMs;
      expect(Math.abs(beganMs / 1_000 - COMES)).toBeLessThanOrEqual(60);
    },
  );
}
