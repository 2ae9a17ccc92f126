import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../test/support/collector.ts';
import {
  acceleratePrometheusFiles,
  writeCollectorTargets,
  writeServiceTargets,
} from '../../test/support/monitoring-files.ts';
import type { MonitoringPrograms } from '../../test/support/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from '../../test/support/monitoring-server.ts';
import { type ServiceProcess, startServiceProcess } from '../../test/support/service-process.ts';

/** The same process measured twice: one Prometheus scrapes it, another one the Collector that it pushes to. */
export interface BothWays extends AsyncDisposable {
  readonly service: ServiceProcess;
  readonly direct: MonitoringServer;
  readonly collector: MonitoringServer;
}

/** The repository's own prometheus.yml, scraping every second instead of every 15. */
const FASTER = { intervals: 15, windows: 1, holds: 1, notifications: 1 };
const PUSH_INTERVAL_MS = 1_000;
const ENVIRONMENT = 'compared';

/** Resolves when all four programs are ready. */
export async function openBothWays(databaseUrl: string, programs: MonitoringPrograms): Promise<BothWays> {
  await using opened = new AsyncDisposableStack();
  const collector = opened.use(await startCollector({ layers: ['metrics-prometheus'] }));
  const service = opened.use(
    await startServiceProcess({
      DATABASE_URL: databaseUrl,
      SEQPULSE_ENV: ENVIRONMENT,
      SEQPULSE_PRE_SAMPLES: '2',
      SEQPULSE_PRE_INTERVAL_SECONDS: '0.2',
      SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
      SEQPULSE_RETRY_DELAYS_SECONDS: 'none',
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
      OTEL_METRIC_EXPORT_INTERVAL: String(PUSH_INTERVAL_MS),
    }),
  );
  const startPrometheus = async (targets: (folder: string) => void): Promise<MonitoringServer> => {
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-paths-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    acceleratePrometheusFiles(folder, FASTER);
    targets(folder);
    return opened.use(
      await startMonitoringServer({
        command: ({ address, dataFolder }) => [
          programs.path('prometheus'),
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${dataFolder}`,
          `--web.listen-address=${address}`,
        ],
      }),
    );
  };
  const environment = ENVIRONMENT;
  const [scrapesService, scrapesCollector] = await Promise.all([
    startPrometheus((folder) => writeServiceTargets(folder, [{ targets: [new URL(service.url).host], environment }])),
    startPrometheus((folder) =>
      writeCollectorTargets(folder, [{ targets: [collector.prometheusAddress], environment }]),
    ),
  ]);
  const closing = opened.move();
  return {
    service,
    direct: scrapesService,
    collector: scrapesCollector,
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}
