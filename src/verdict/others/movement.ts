import type { Finding, Hint, Judgement } from '../types.ts';

/** How far a service got worse, by what failed in it: of others that is all that is kept. null: that did not fail. */
export interface Movement {
  /** Ratio by which errors rose, and failures per second that this comes to; null where traffic is not known. */
  readonly errors: { readonly rise: number; readonly perSecond: number | null } | null;
  /** ln of the factor by which latency grew (5 ms are added to both, as where it is judged), and by how many milliseconds. */
  readonly latency: { readonly growth: number; readonly riseMs: number } | null;
  /** ln of the factor by which traffic fell; 0.1/s are added to both. */
  readonly traffic: number | null;
  /** Its CPU or memory failed: a cause of its own. */
  readonly usage: boolean;
  /** When the first of what failed did, epoch milliseconds; null: no sample tells. */
  readonly sinceMs: number | null;
}

const LATENCY_OFFSET_MS = 5;
const TRAFFIC_OFFSET = 0.1;
/** Traffic below it stops and comes by itself: its fall tells nothing of anybody else. Requests per second. */
const MIN_TRAFFIC = 1;

/** What of a judgement says that the service got worse, and its hints since when; null: nothing of the five did. */
export function movementOf({
  details,
  hints,
}: Pick<Judgement, 'details'> & { readonly hints: readonly Hint[] }): Movement | null {
  const failed = (metric: Finding['metric']) => details.find((one) => one.metric === metric && one.severity !== 'none');
  const requests = details.find(({ metric }) => metric === 'requests_per_sec')?.observed ?? null;
  const movement: Movement = {
    errors: errorsOf(failed('error_rate'), requests),
    latency: growthOf(failed('latency_p95')),
    traffic: lossOf(failed('requests_per_sec')),
    usage: failed('cpu_usage') !== undefined || failed('memory_usage') !== undefined,
    sinceMs: hints.find(({ kind }) => kind === 'moved_first')?.sinceMs ?? null,
  };
  const { errors, latency, traffic, usage } = movement;
  return errors === null && latency === null && traffic === null && !usage ? null : movement;
}

function errorsOf(finding: Finding | undefined, requests: number | null): Movement['errors'] {
  const rise = finding?.evidence.change ?? null;
  if (rise === null || rise <= 0) return null;
  return { rise, perSecond: requests === null || requests <= 0 ? null : rise * requests };
}

function growthOf(finding: Finding | undefined): Movement['latency'] {
  if (finding === undefined || finding.baseline === null || finding.observed === null) return null;
  const { baseline, observed } = finding;
  const growth = Math.log((observed + LATENCY_OFFSET_MS) / (baseline + LATENCY_OFFSET_MS));
  return { growth, riseMs: observed - baseline };
}

function lossOf(finding: Finding | undefined): number | null {
  if (finding === undefined || finding.baseline === null || finding.observed === null) return null;
  const expected = finding.evidence.expected ?? finding.baseline;
  if (expected < MIN_TRAFFIC) return null;
  return Math.log((expected + TRAFFIC_OFFSET) / (finding.observed + TRAFFIC_OFFSET));
}
