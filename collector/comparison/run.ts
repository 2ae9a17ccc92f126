import type { MonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { queryPrometheus } from '../../harness/prometheus-query.ts';
import { until } from '../../harness/until.ts';
import { type BothWays, type OtherWay, openBothWays } from './both-ways.ts';
import { type ComparedMetric, compareStored } from './differences.ts';
import { runLifecycles } from './lifecycles.ts';
import { type ComparedPanel, comparePanels } from './panels.ts';
import { readStoredMetrics } from './stored-series.ts';

export interface PathComparison {
  readonly otherWay: OtherWay;
  readonly metrics: readonly ComparedMetric[];
  readonly panels: readonly ComparedPanel[];
  readonly differences: number;
}

/** Seconds for the last scrape and the last push of a service that does nothing any more. */
const SETTLE_SECONDS = 30;

/**
 * Runs deployments of every kind of ending through the real service, and holds what a Prometheus stores that scrapes it
 * against what another one stores to which they come the other way.
 *
 * @param databaseUrl an empty or migrated database.
 */
export async function comparePaths(
  databaseUrl: string,
  programs: MonitoringPrograms,
  otherWay: OtherWay = 'collector',
): Promise<PathComparison> {
  await using ways = await openBothWays(databaseUrl, programs, otherWay);
  await until(
    'both to have scraped',
    30,
    async () => (await counted(ways, 'seqpulse_scheduler_jobs_failed_total')) !== null,
  );
  await runLifecycles(ways.service.api, {
    untilStored: async (expr) => {
      await until(`both to have ${expr}`, 30, async () => (await counted(ways, expr)) !== null);
    },
  });
  let result = await compare(ways, otherWay);
  const deadline = performance.now() + SETTLE_SECONDS * 1000;
  while (result.differences > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    result = await compare(ways, otherWay);
  }
  return result;
}

async function compare(ways: BothWays, otherWay: OtherWay): Promise<PathComparison> {
  const [direct, other, panels] = await Promise.all([
    readStoredMetrics(ways.direct),
    readStoredMetrics(ways.other),
    comparePanels(ways.direct, ways.other),
  ]);
  const compared = compareStored(direct, other);
  // Nothing is scraped on that way, so what a scrape says of itself is not there: documented, not counted.
  const metrics = otherWay === 'collector' ? compared : compared.filter(({ name }) => !/^(up$|scrape_)/.test(name));
  const differences = [...metrics, ...panels].reduce((sum, one) => sum + one.differences.length, 0);
  return { otherWay, metrics, panels, differences };
}

/** The first value of `expr` both ways, or null until both have one. */
async function counted(ways: BothWays, expr: string): Promise<readonly [number, number] | null> {
  const answers = await Promise.all([ways.direct, ways.other].map((server) => queryPrometheus(server, expr)));
  const [one, other] = answers.map((series) => series[0]?.value);
  return one === undefined || other === undefined ? null : [one, other];
}
