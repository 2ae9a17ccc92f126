import type { QueryAnswer } from './answer.ts';

/** Milliseconds by which a point's time may miss the one that was asked for. */
const SAME_TIME_MS = 999;

/** One clause that says what to change. */
export function manySeries(count: number): string {
  return `met ${count} series, expected one: put sum(…), avg(…) or max(…) around it`;
}

/** null: there is no point of that time. */
export function pointAt(answer: QueryAnswer | undefined, atMs: number): number | null {
  if (answer?.outcome !== 'ok') return null;
  const point = answer.series[0]?.points.find(([pointMs]) => Math.abs(pointMs - atMs) <= SAME_TIME_MS);
  return point?.[1] ?? null;
}
