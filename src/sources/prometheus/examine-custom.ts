import type { ExaminedCustom } from '../source.ts';
import { answerCounts } from './answer-counts.ts';
import { type CustomAnswers, numberAt } from './custom.ts';

/** What came for each of the team's own metrics. `rps`: the application's, for those that are counted by it. */
export function examinedCustom(
  asked: readonly CustomAnswers[],
  endMs: number,
  rps: number | null,
): readonly ExaminedCustom[] {
  return asked.map(({ metric, query, answer, events }) => {
    const { value, problem } = numberAt(metric, answer, endMs);
    const counted = events === null ? null : numberAt({ kind: 'rate' }, events, endMs);
    const isIdle = value === null && (counted?.value === 0 || (metric.isCounted && counted === null && rps === 0));
    return {
      name: metric.name,
      query,
      value,
      ...answerCounts(answer),
      events: counted?.value ?? null,
      problem: (isIdle ? null : problem) ?? (counted?.problem == null ? null : `events ${counted.problem}`),
    };
  });
}
