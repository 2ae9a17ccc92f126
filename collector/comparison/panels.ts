import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';
import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { queryPrometheus } from '../../harness/prometheus-query.ts';
import { identityOf } from './stored-series.ts';

export interface ComparedPanel {
  readonly expr: string;
  /** `labels → value`, one entry a series. */
  readonly direct: ReadonlyMap<string, number>;
  readonly other: ReadonlyMap<string, number>;
  readonly differences: readonly string[];
}

/**
 * Relative. A rate depends on when within its interval a scrape came: two Prometheus that scrape the same page do not
 * agree to the digit either, and on a busy machine scrapes come seconds late: a third apart was seen. What goes wrong on the
 * way (a label, a unit, a series that is missing or counted twice) is far outside of this.
 */
const RATE_MARGIN = 0.45;

export async function comparePanels(direct: MonitoringServer, other: MonitoringServer): Promise<ComparedPanel[]> {
  return await Promise.all(
    Object.values(CONTRACT_PANELS).map(async (expr) => {
      const [scraped, otherwise] = await Promise.all([answerOf(direct, expr), answerOf(other, expr)]);
      return { expr, direct: scraped, other: otherwise, differences: differencesOf(scraped, otherwise) };
    }),
  );
}

export function differencesOf(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): string[] {
  if (![...one.values()].some(Number.isFinite)) return ['no number in the answer of the service’s way'];
  const labels = new Set([...one.keys(), ...other.keys()]);
  return [...labels].flatMap((label) => {
    const [a, b] = [one.get(label), other.get(label)];
    if (a === undefined || b === undefined) return [`${label}: ${a ?? 'nothing'} and ${b ?? 'nothing'}`];
    if (Object.is(a, b)) return [];
    const apart = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
    return apart <= RATE_MARGIN ? [] : [`${label}: ${a} and ${b}`];
  });
}

async function answerOf(prometheus: MonitoringServer, expr: string): Promise<Map<string, number>> {
  const series = await queryPrometheus(prometheus, expr);
  return new Map(
    series.map(({ labels: { __name__: name = '', instance: _instance, ...labels }, value }) => [
      identityOf(name, labels),
      value,
    ]),
  );
}
