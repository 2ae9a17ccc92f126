import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../harness/collector.ts';
import {
  acceleratePrometheusFiles,
  writeCollectorTargets,
  writeServiceTargets,
} from '../../harness/monitoring-files.ts';
import type { MonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startPrometheus } from '../../harness/monitoring-server.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { COLLECTOR_FOLDER } from '../program.ts';

/** How the numbers come that are held against those of a plain scrape. */
export type OtherWay =
  /** A Prometheus scrapes the Collector that the service pushes to. */
  | 'collector'
  /** The service pushes to a Prometheus itself; needs Prometheus 3. */
  | 'otlp-receiver';

/** The same process measured twice. */
export interface BothWays extends AsyncDisposable {
  readonly service: ServiceProcess;
  readonly direct: MonitoringServer;
  readonly other: MonitoringServer;
}

/** The repository's own prometheus.yml, scraping every second instead of every 15. */
const FASTER = { intervals: 15, windows: 1, holds: 1, notifications: 1 };
const ENVIRONMENT = 'compared';
const SERVICE = {
  SEQPULSE_ENV: ENVIRONMENT,
  SEQPULSE_PRE_SAMPLES: '2',
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.2',
  SEQPULSE_POST_INTERVAL_SECONDS: '1',
  SEQPULSE_RETRY_DELAYS_SECONDS: 'none',
  OTEL_METRICS_EXPORTER: 'prometheus,otlp',
  // Not the interval of scrapes: what is told of the event loop is of the time since the last reading, by either way, and needs
  // 50 ms of it. Two that go hand in hand would leave one of them without it for good.
  OTEL_METRIC_EXPORT_INTERVAL: '1100',
};

/** Resolves when all programs are ready. */
export async function openBothWays(
  databaseUrl: string,
  programs: MonitoringPrograms,
  otherWay: OtherWay,
): Promise<BothWays> {
  await using opened = new AsyncDisposableStack();
  const environment = ENVIRONMENT;
  const prometheusOn = async (prepare: (folder: string) => void, ...args: string[]): Promise<MonitoringServer> => {
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-paths-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    acceleratePrometheusFiles(folder, FASTER);
    prepare(folder);
    return opened.use(await startPrometheus(programs.path('prometheus'), folder, ...args));
  };
  const openOther = async (): Promise<{ prometheus: MonitoringServer; env: Record<string, string> }> => {
    if (otherWay === 'otlp-receiver') {
      const prometheus = await prometheusOn(addOtlpReceiver, '--web.enable-otlp-receiver');
      const url = `${prometheus.url}/api/v1/otlp/v1/metrics`;
      const resource = `environment=${environment}`;
      return {
        prometheus,
        env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url, OTEL_RESOURCE_ATTRIBUTES: resource },
      };
    }
    const collector = opened.use(await startCollector({ layers: ['metrics-prometheus'] }));
    const targets = [collector.prometheusAddress];
    return {
      prometheus: await prometheusOn((folder) => writeCollectorTargets(folder, [{ targets, environment }])),
      env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.otlpUrl}/v1/metrics` },
    };
  };
  const other = await openOther();
  const service = opened.use(await startServiceProcess({ DATABASE_URL: databaseUrl, ...SERVICE, ...other.env }));
  const targets = [new URL(service.url).host];
  const direct = await prometheusOn((folder) => writeServiceTargets(folder, [{ targets, environment }]));
  const closing = opened.move();
  return {
    service,
    direct,
    other: other.prometheus,
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}

function addOtlpReceiver(folder: string): void {
  appendFileSync(
    join(folder, 'prometheus.yml'),
    `\n${readFileSync(join(COLLECTOR_FOLDER, 'prometheus-otlp-receiver.yml'), 'utf8')}`,
  );
}
