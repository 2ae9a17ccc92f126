import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from '../../harness/monitoring-server.ts';

/** One series: its name with labels, and its value so many seconds after the first; null: not scraped then. */
export interface SyntheticSeries {
  readonly series: string;
  readonly at: (seconds: number) => number | null;
}

/** A counter that grows by `perSecond`. */
export function counter(series: string, perSecond: number): SyntheticSeries {
  return { series, at: (seconds) => perSecond * seconds };
}

/**
 * The counters of a histogram: `shares` says which share of the requests is in each bucket, by its upper edge. Every
 * request takes `mean` of the histogram's unit.
 */
export function histogram(
  name: string,
  labels: string,
  requests: { readonly perSecond: number; readonly mean: number; readonly shares: Readonly<Record<string, number>> },
): SyntheticSeries[] {
  let sum = 0;
  const buckets = Object.entries(requests.shares)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([le, share]) => {
      sum += share;
      return counter(`${name}_bucket{${labels},le="${le}"}`, requests.perSecond * sum);
    });
  return [
    ...buckets,
    counter(`${name}_bucket{${labels},le="+Inf"}`, requests.perSecond),
    counter(`${name}_sum{${labels}}`, requests.perSecond * requests.mean),
    counter(`${name}_count{${labels}}`, requests.perSecond),
  ];
}

/** A Prometheus that scrapes nothing and holds these series, as if it had scraped them every `stepSeconds`. */
export async function startPrometheusWith(
  series: readonly SyntheticSeries[],
  span: { readonly fromMs: number; readonly toMs: number; readonly stepSeconds: number },
): Promise<MonitoringServer> {
  const programs = findMonitoringPrograms('tests of Prometheus as a source', ['prometheus', 'promtool']);
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-series-'));
  try {
    writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
    writeFileSync(join(folder, 'series.txt'), openMetrics(series, span));
    return await startMonitoringServer({
      command({ address, dataFolder }) {
        mkdirSync(dataFolder, { recursive: true });
        const args = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'series.txt'), dataFolder];
        execFileSync(programs.path('promtool'), args, { stdio: 'pipe' });
        return [
          programs.path('prometheus'),
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${dataFolder}`,
          '--storage.tsdb.retention.time=100y',
          `--web.listen-address=${address}`,
        ];
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openMetrics(
  series: readonly SyntheticSeries[],
  { fromMs, toMs, stepSeconds }: { readonly fromMs: number; readonly toMs: number; readonly stepSeconds: number },
): string {
  const lines = series.flatMap(({ series: name, at }) => {
    const own: string[] = [];
    for (let seconds = 0; fromMs + seconds * 1_000 <= toMs; seconds += stepSeconds) {
      const value = at(seconds);
      if (value !== null) own.push(`${name} ${value} ${fromMs / 1_000 + seconds}`);
    }
    return own;
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
