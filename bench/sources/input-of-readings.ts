import type { TimedReading } from '../../src/model/sample.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';

/** What a source read in place of what the application served itself; `changeMs`: the end of the last minute before. */
export function inputOfReadings(pulled: JudgeInput, readings: readonly TimedReading[], changeMs: number): JudgeInput {
  const samples = readings.map(
    ({ atMs, reading }): Sample => ({
      collectedAtMs: atMs,
      lateSeconds: 0,
      missing: reading.missing,
      ...reading.numbers,
      ...reading.facts,
    }),
  );
  return {
    ...pulled,
    pre: samples.filter(({ collectedAtMs }) => collectedAtMs <= changeMs),
    post: samples.filter(({ collectedAtMs }) => collectedAtMs > changeMs),
  };
}
