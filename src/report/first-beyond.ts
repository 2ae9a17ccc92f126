import { falls, valueIn } from './measure.ts';
import type { MetricReport } from './metric-report.ts';
import { clock } from './times.ts';
import type { ReportedSample } from './wire.ts';

/** Where to look first: the failed metric that went beyond its limit first, and when. */
export interface FirstBeyond {
  readonly metric: MetricReport['metric'];
  readonly key: string;
  readonly name: string;
  readonly atMs: number;
  /** `beyond its limit since 09:41:35, the first sample after the deployment` */
  readonly text: string;
}

export function isBeyond({ quantity, numbers }: MetricReport, value: number | null): boolean {
  const { threshold } = numbers;
  if (threshold === null || value === null) return false;
  return falls(quantity) ? value < threshold : value > threshold;
}

/** null: nothing failed, or no sample is there to tell. Of several at the same time the worst, which stands first. */
export function firstBeyond(metrics: readonly MetricReport[], samples: readonly ReportedSample[]): FirstBeyond | null {
  const after = samples.filter(({ phase }) => phase === 'post');
  let first: { report: MetricReport; index: number } | null = null;
  for (const report of metrics) {
    if (report.outcome !== 'failed') continue;
    const index = after.findIndex((sample) => isBeyond(report, valueIn(sample, report.quantity)));
    if (index >= 0 && (first === null || index < first.index)) first = { report, index };
  }
  const sample = first === null ? undefined : after[first.index];
  if (first === null || sample === undefined) return null;
  const atMs = Date.parse(sample.collected_at);
  const { metric, key, quantity, numbers } = first.report;
  const stays = after.slice(first.index).every((one) => {
    const value = valueIn(one, quantity);
    return value === null || isBeyond(first.report, value) || numbers.threshold === null;
  });
  const which =
    first.index === 0 ? 'the first sample after the deployment' : `sample ${first.index + 1} of ${after.length}`;
  const text = stays
    ? `beyond its limit since ${clock(atMs)}, ${which}`
    : `first beyond its limit at ${clock(atMs)}, ${which}`;
  return { metric, key, name: first.report.name, atMs, text };
}
