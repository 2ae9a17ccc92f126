import type { Quantity } from '../verdict/types.ts';

/** A metric inside a sentence, */
export const SUBJECT: Record<Quantity, string> = {
  error_rate: 'errors',
  latency_p95: 'p95 latency',
  requests_per_sec: 'traffic',
  cpu_usage: 'CPU',
  memory_usage: 'memory',
  latency_mean: 'mean latency',
  cpu_cores: 'CPU',
};

/** and as a heading. */
export const NAME: Record<Quantity, string> = {
  error_rate: 'Error rate',
  latency_p95: 'p95 latency',
  requests_per_sec: 'Traffic',
  cpu_usage: 'CPU',
  memory_usage: 'Memory',
  latency_mean: 'Mean latency',
  cpu_cores: 'CPU',
};

/** How a deployment stands, as a reader tells it apart: by word, shape and colour. */
export type Tone = 'ok' | 'attention' | 'rollback' | 'no-data' | 'observing' | 'running' | 'abandoned';

/** On the report's badge, */
export const BADGE: Record<Tone, string> = {
  ok: 'OK',
  attention: 'Attention',
  rollback: 'Rollback recommended',
  'no-data': 'Not enough data',
  observing: 'Being observed',
  running: 'Deploying',
  abandoned: 'Abandoned',
};

/** and in a list. */
export const SHORT: Record<Tone, string> = {
  ok: 'OK',
  attention: 'Attention',
  rollback: 'Rollback',
  'no-data': 'No data',
  observing: 'Observed',
  running: 'Deploying',
  abandoned: 'Abandoned',
};

/** "p95 latency" stays, "errors" becomes "Errors": a unit or a name in front keeps its case. */
export function capitalised(sentence: string): string {
  return sentence.startsWith('p95') ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const COUNT_WORDS =
  'no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );

/** "three", and 21 from twenty-one on. */
export function counted(count: number): string {
  return COUNT_WORDS[count] ?? String(count);
}

/**
 * What a verdict is worth, as a frequency: "Of twenty alarms like this about nineteen are right." Alarms never more than
 * nineteen of twenty, all-clears up to 99 of a hundred (docs/verdict.md). Where others may be the cause that says nothing of
 * whose doing it was. '' where nothing is known.
 */
export function worthOf(isAlarm: boolean, rightShare: number | null, mayBeOthers = false): string {
  if (rightShare === null) return '';
  const what = isAlarm ? 'alarms' : 'all-clears';
  if (!isAlarm && rightShare >= 0.95) {
    return `Of a hundred all-clears like this about ${Math.min(99, Math.round(rightShare * 100))} are right.`;
  }
  const of = Math.max(1, Math.min(19, Math.round(rightShare * 20)));
  const whatOf = mayBeOthers ? ' that it got worse; whose doing it was they do not know' : '';
  return `Of twenty ${what} like this about ${counted(of)} ${of === 1 ? 'is' : 'are'} right${whatOf}.`;
}
