import type { TimedReading } from '../../model/sample.ts';
import type { PrometheusSettings } from '../../model/source.ts';
import type { FailedReading } from '../http/failure-reason.ts';
import { failed } from '../http/failure-reason.ts';
import type { ReadingCame } from '../source.ts';
import { PRESETS, type Queries } from './presets.ts';
import { MIN_WINDOW_SECONDS, queriesOf } from './queries.ts';
import { type Answers, edgesOf, sampleAt } from './sample.ts';
import { type Asked, isFailed, type Session } from './session.ts';

const MINUTE_SECONDS = 60;

/** Answers to all of a source's queries, or the first failure that makes them worthless together. */
export async function askAll(
  queries: Queries,
  ask: (query: string, name: keyof Queries) => Promise<Asked>,
): Promise<Answers | FailedReading> {
  const asked = await Promise.all(
    (Object.entries(queries) as [keyof Queries, string][]).map(
      async ([name, query]) => [name, await ask(query, name)] as const,
    ),
  );
  const answers: Partial<Record<keyof Queries, Exclude<Asked, FailedReading>>> = {};
  for (const [name, answer] of asked) {
    if (isFailed(answer)) return answer;
    answers[name] = answer;
  }
  return answers;
}

export function isFailure(answers: object): answers is FailedReading {
  return typeof (answers as { outcome?: unknown }).outcome === 'string';
}

export function edgesMsOf(settings: PrometheusSettings, answers: Answers): number[] {
  return settings.preset === null ? [] : edgesOf(answers.buckets, PRESETS[settings.preset].unitMs);
}

/** The sample of the minute that ends at `endMs`, epoch milliseconds. */
export async function readMinute(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<ReadingCame | FailedReading> {
  const answers = await askAll(queriesOf(settings), async (query) => await session.instant(query, endMs));
  if (isFailure(answers)) return answers;
  const sample = sampleAt({
    answers,
    atMs: endMs,
    edgesMs: edgesMsOf(settings, answers),
    windowSeconds: settings.windowSeconds ?? MIN_WINDOW_SECONDS,
  });
  if (!sample.ok) return failed('bad_body', sample.reason, 200);
  return { outcome: 'ok', reading: sample.reading, leftOut: sample.leftOut };
}

/** The samples of the `minutes` minutes up to `endMs`, oldest first; without those that nothing is known of. */
export async function readSpan(
  session: Session,
  settings: PrometheusSettings,
  span: { readonly endMs: number; readonly minutes: number },
): Promise<readonly TimedReading[] | FailedReading> {
  const { endMs, minutes } = span;
  const fromMs = endMs - (minutes - 1) * MINUTE_SECONDS * 1_000;
  const answers = await askAll(queriesOf(settings), async (query, name) =>
    // A histogram's edges do not change from minute to minute.
    name === 'buckets'
      ? await session.instant(query, endMs)
      : await session.range(query, { fromMs, toMs: endMs, stepSeconds: MINUTE_SECONDS }),
  );
  if (isFailure(answers)) return answers;
  const edgesMs = edgesMsOf(settings, answers);
  const windowSeconds = settings.windowSeconds ?? MIN_WINDOW_SECONDS;
  const readings: TimedReading[] = [];
  for (let atMs = fromMs; atMs <= endMs; atMs += MINUTE_SECONDS * 1_000) {
    const sample = sampleAt({ answers, atMs, edgesMs, windowSeconds });
    if (sample.ok) readings.push({ atMs, reading: sample.reading });
  }
  return readings;
}
