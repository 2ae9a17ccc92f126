import type { BaselineView, ReadingSpan } from '../model/deployment.ts';
import type { BaselineSource } from '../model/level.ts';
import type { StoredSample } from '../model/sample.ts';
import type { LeftOut, Sample } from '../verdict/types.ts';

/** Samples that make a baseline complete: the engine looks at no more (verdict/tuning.ts). */
export const FULL_BASELINE = 15;
/** Minutes after its last reading until which a baseline kept ready stands for the moment of the trigger. */
const FRESH_MINUTES = 10;

/** What of a deployment decides on its baseline; settled at its trigger. */
export interface EvidenceContext {
  readonly baselineSource: BaselineSource;
  readonly startedAt: Date;
  /** Samples that were asked for at the trigger. */
  readonly preExpected: number;
}

export interface Evidence {
  /** Before and after, oldest first: what judge() is given. */
  readonly pre: readonly Sample[];
  readonly post: readonly Sample[];
  /** How many samples before there should be. */
  readonly expectedPre: number;
  /** Samples that are stored but not used for this baseline, and why. */
  readonly setAside: readonly LeftOut[];
}

/**
 * Which of a deployment's stored samples it is judged by. The same for its verdict and for judging it again.
 *
 * - `at_trigger`: those read at the trigger.
 * - `continuous`: the ring. Those read at the trigger lie 5 s apart in windows of 60 s, so that five are worth little
 *   more than one, and a rollout that starts at once is in them already: they only fill up a ring that is short or stale.
 * - `last_good`: the last good baseline. Those read at the trigger show the bad state.
 */
export function evidenceOf(samples: readonly StoredSample[], context: EvidenceContext): Evidence {
  const post = samples.filter((sample) => sample.phase === 'post');
  const before = samples.filter((sample) => sample.phase === 'pre');
  const kept = before.filter((sample) => sample.fromBaseline);
  const read = before.filter((sample) => !sample.fromBaseline);
  switch (context.baselineSource) {
    case 'at_trigger':
      return { pre: read, post, expectedPre: context.preExpected, setAside: [] };
    case 'last_good':
      return { pre: kept, post, expectedPre: kept.length, setAside: aside(read, 'read in a bad state') };
    case 'continuous': {
      if (isReady(kept, context.startedAt.getTime())) {
        const why = 'read at the trigger, when the baseline kept ready was complete';
        return { pre: kept, post, expectedPre: kept.length, setAside: aside(read, why) };
      }
      return { pre: [...kept, ...read], post, expectedPre: kept.length + context.preExpected, setAside: [] };
    }
  }
}

/** Whether what is read at a trigger will be among what its deployment is judged by, or is set aside. */
export function countsReadings(source: BaselineSource, kept: readonly Sample[], startedAtMs: number): boolean {
  return source === 'at_trigger' || (source === 'continuous' && !isReady(kept, startedAtMs));
}

/** The readings that a deployment's baseline is made of, by the same rules; null while there are none. */
export function baselineSpan({ source, kept, read }: BaselineView, startedAt: Date): ReadingSpan | null {
  const isKeptAlone =
    source === 'last_good' ||
    (kept !== null && isFull(kept.count, kept.until.getTime(), startedAt.getTime()) && source === 'continuous');
  const parts = (source === 'at_trigger' ? [read] : isKeptAlone ? [kept] : [kept, read]).filter(
    (part) => part !== null,
  );
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  return { from: first.from, until: last.until, count: parts.reduce((sum, { count }) => sum + count, 0) };
}

function isReady(kept: readonly Sample[], startedAtMs: number): boolean {
  return isFull(kept.length, kept.at(-1)?.collectedAtMs ?? Number.NEGATIVE_INFINITY, startedAtMs);
}

function isFull(count: number, newestMs: number, startedAtMs: number): boolean {
  return count >= FULL_BASELINE && startedAtMs - newestMs <= FRESH_MINUTES * 60_000;
}

function aside(samples: readonly Sample[], text: string): LeftOut[] {
  return samples.length === 0 ? [] : [{ phase: 'pre', reason: 'other_baseline', count: samples.length, text }];
}
