import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';
import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { queryPrometheus } from '../../harness/prometheus-query.ts';
import { identityOf } from './stored-series.ts';

export interface ComparedPanel {
  readonly expr: string;
  readonly direct: Answer;
  readonly other: Answer;
  readonly differences: readonly string[];
}

/**
 * Holds each panel's answers against each other, twice. As it stands it must give the same series both ways, with a number
 * in one of them: what it says of a rate hangs on when within its interval each Prometheus scraped, and two that scrape one
 * page do not agree on that either. Of the counts themselves (`countsOf`) it must give the same numbers to the last digit.
 */
export async function comparePanels(direct: MonitoringServer, other: MonitoringServer): Promise<ComparedPanel[]> {
  return await Promise.all(
    Object.values(CONTRACT_PANELS).map(async (expr) => {
      const bothAnswers = async (asked: string) => await Promise.all([answerOf(direct, asked), answerOf(other, asked)]);
      const [scraped, otherwise] = await bothAnswers(expr);
      const [scrapedCounts, otherCounts] = await bothAnswers(countsOf(expr));
      const differences = [
        ...seriesDifferences(scraped, otherwise),
        ...valueDifferences(scrapedCounts, otherCounts).map((line) => `of the counts, ${line}`),
      ];
      return { expr, direct: scraped, other: otherwise, differences };
    }),
  );
}

/** A panel's expression over what was counted since the start in place of its change: `rate(x[5m])` → `x`. */
export function countsOf(expr: string): string {
  return expr.replace(/\b(?:rate|increase)\(([^()[\]]+)\[\w+\]\)/g, '$1');
}

export function seriesDifferences(one: Answer, other: Answer): string[] {
  if (![...one.values()].some(Number.isFinite)) return ['no number in the answer of the service’s way'];
  return labelsOf(one, other).flatMap((label) =>
    one.has(label) && other.has(label) ? [] : [lineOf(label, one.get(label), other.get(label))],
  );
}

export function valueDifferences(one: Answer, other: Answer): string[] {
  return labelsOf(one, other).flatMap((label) => {
    const [a, b] = [one.get(label), other.get(label)];
    return Object.is(a, b) ? [] : [lineOf(label, a, b)];
  });
}

/** `labels → value`, one entry a series. */
type Answer = ReadonlyMap<string, number>;

function labelsOf(one: Answer, other: Answer): string[] {
  return [...new Set([...one.keys(), ...other.keys()])];
}

function lineOf(label: string, a: number | undefined, b: number | undefined): string {
  return `${label}: ${a ?? 'nothing'} and ${b ?? 'nothing'}`;
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
