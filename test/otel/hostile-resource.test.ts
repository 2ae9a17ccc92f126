import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { startPrometheus } from '../../harness/monitoring-server.ts';
import { queryPrometheus, scrapeTargets } from '../../harness/prometheus-query.ts';
import { until } from '../../harness/until.ts';
import { startTestTelemetry } from './support/metrics.ts';

const programs = findMonitoringPrograms('the test that a real Prometheus reads every resource is', ['prometheus']);

/** Environment → what `target_info` has of it once Prometheus has stored it. */
const INSTALLATIONS: readonly [env: Record<string, string>, labels: Record<string, string>][] = [
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=web-1,k8s_pod_name=web-1,service_version=9' },
    { k8s_pod_name: 'web-1;web-1', service_version: '1.2.3;9' },
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'a.b=1,a_b=2,a%2db=3' }, { a_b: '3;1;2' }],
  [{ OTEL_RESOURCE_ATTRIBUTES: '%E6%97%A5%E6%9C%AC=x,...=y,_=z' }, {}],
  [{ OTEL_RESOURCE_ATTRIBUTES: '9lives=cat,1=one' }, { key_9lives: 'cat', key_1: 'one' }],
  [
    { OTEL_RESOURCE_ATTRIBUTES: '__name__=up,__address__=elsewhere:1,le=0.5,quantile=0.5' },
    { _name_: 'up', _address_: 'elsewhere:1', le: '0.5' },
  ],
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'job=mine,instance=mine,environment=mine' },
    { exported_job: 'mine', exported_instance: 'mine' },
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'team=,shift=night' }, { shift: 'night' }],
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'say=%22hi%22,path=C:%5Cnew,lines=a%0Ab%0D%0Ac' },
    { say: '"hi"', path: 'C:\\new', lines: 'a\nb\r\nc' },
  ],
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'nul=a%00b,control=a%1B%7F,smile=%F0%9F%98%80' },
    { nul: 'a\0b', control: 'a\u001b\u007f', smile: '😀' },
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: '__proto__=x,constructor=y,toString=z' }, { constructor: 'y', toString: 'z' }],
  [
    { OTEL_SERVICE_NAME: 'of "mine"\n\\ and # others {}', SEQPULSE_ENV: 'prod"\\' },
    { service_name: 'of "mine"\n\\ and # others {}' },
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'team' }, { service_name: 'seqpulse-backend' }],
];

describe.skipIf(programs.missing)('a real Prometheus', () => {
  test('stores every series of a service, whatever its installation is called', async () => {
    await using opened = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-prometheus-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    const targets: string[] = [];
    for (const [env] of INSTALLATIONS) {
      const telemetry = opened.use(await startTestTelemetry(env));
      telemetry.instruments.jobGaveUp();
      const server = createServer(async (_, response) => response.end((await telemetry.scrape()).body));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      opened.defer(() => {
        server.close();
        server.closeAllConnections();
      });
      targets.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    }
    const job = { job_name: 'seqpulse-backend', scrape_interval: '1s', static_configs: [{ targets }] };
    writeFileSync(join(folder, 'prometheus.yml'), stringify({ scrape_configs: [job] }));
    const prometheus = opened.use(await startPrometheus(programs.path('prometheus'), folder));

    const isUp = ({ health }: { readonly health: string }) => health === 'up';
    await until('every page to be taken', 60, async () => {
      return (await scrapeTargets(prometheus)).filter(isUp).length === targets.length;
    }).catch(async (cause) => {
      throw new Error(JSON.stringify((await scrapeTargets(prometheus)).map(({ lastError }) => lastError)), { cause });
    });
    expect(await queryPrometheus(prometheus, 'seqpulse_scheduler_jobs_failed_total == 1')).toHaveLength(targets.length);
    const infos = await queryPrometheus(prometheus, 'target_info');
    for (const [index, [env, labels]] of INSTALLATIONS.entries()) {
      const info = infos.find((series) => series.labels.instance === targets[index]);
      expect(info?.labels, JSON.stringify(env)).toMatchObject({ job: 'seqpulse-backend', ...labels });
    }
  });
});
