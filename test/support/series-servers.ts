import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrometheusOfBlocks } from '../../harness/filled-prometheus.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from '../../harness/monitoring-server.ts';
import { linesOf, type SeriesSpan, type SyntheticSeries } from './synthetic-series.ts';

/** A server of Prometheus' HTTP API that scrapes nothing and holds the series of a test. */
export interface SeriesServer {
  readonly name: string;
  readonly missing: boolean;
  /** A time that it takes samples of; far from the real one, so that nothing that reads that can pass for the test's. */
  readonly timeMs: number;
  start(series: readonly SyntheticSeries[], span: SeriesSpan): Promise<MonitoringServer>;
}

/** Those that a source is proven on. A program that is missing is told, once for `tests`. */
export function seriesServers(tests: string): readonly SeriesServer[] {
  const prometheus = findMonitoringPrograms(`${tests} on Prometheus`, ['prometheus', 'promtool']);
  const victoria = findMonitoringPrograms(`${tests} on VictoriaMetrics`, ['victoria-metrics']);
  return [
    {
      name: 'Prometheus',
      missing: prometheus.missing,
      timeMs: Date.parse('2030-01-01T00:00:00Z'),
      start: async (series, span) => await startPrometheusWith(series, span),
    },
    {
      name: 'VictoriaMetrics',
      missing: victoria.missing,
      // It drops samples of more than two days ahead.
      timeMs: Date.parse('2026-01-01T00:00:00Z'),
      start: async (series, span) => await startVictoriaMetricsWith(victoria.path('victoria-metrics'), series, span),
    },
  ];
}

export async function startPrometheusWith(
  series: readonly SyntheticSeries[],
  span: SeriesSpan,
): Promise<MonitoringServer> {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-series-'));
  try {
    const file = join(folder, 'series.txt');
    writeFileSync(file, `${linesOf(series, span, 'seconds').join('\n')}\n# EOF\n`);
    return await startPrometheusOfBlocks(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startVictoriaMetricsWith(
  program: string,
  series: readonly SyntheticSeries[],
  span: SeriesSpan,
): Promise<MonitoringServer> {
  const server = await startMonitoringServer({
    command: ({ address, dataFolder }) => [
      program,
      `-storageDataPath=${dataFolder}`,
      `-httpListenAddr=${address}`,
      '-retentionPeriod=100y',
      '-memory.allowedBytes=64MB',
      '-loggerLevel=WARN',
    ],
  });
  const body = `${linesOf(series, span, 'milliseconds').join('\n')}\n`;
  const imported = await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body });
  // What was just imported is not found yet.
  const flushed = await fetch(`${server.url}/internal/force_flush`);
  if (!imported.ok || !flushed.ok) {
    await server[Symbol.asyncDispose]();
    throw new Error(`the import was answered ${imported.status}, the flush ${flushed.status}`);
  }
  return server;
}
