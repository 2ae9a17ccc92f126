import type { TimedReading } from '../../model/sample.ts';
import type { PrometheusSettings } from '../../model/source.ts';
import type { FailedReading } from '../http/failure-reason.ts';
import { controlSettings, withControl } from './control.ts';
import { askCustom, MAX_SERIES } from './custom.ts';
import { PRESETS, type Queries } from './presets.ts';
import { MIN_WINDOW_SECONDS, queriesOf } from './queries.ts';
import { type Answers, edgesOf, type ParsedSample, sampleAt } from './sample.ts';
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

/** The minute that ends at `endMs`, epoch milliseconds, of whatever the selector meets. */
export async function readMinuteOf(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<ParsedSample | FailedReading> {
  const answers = await askAll(queriesOf(settings), async (query) => await session.instant(query, endMs));
  if (isFailure(answers)) return answers;
  const ask = async (query: string) => await session.instant(query, endMs, { maxSeries: MAX_SERIES });
  return sampleAt({
    answers,
    custom: await askCustom(settings, session.leftMs(), ask),
    atMs: endMs,
    edgesMs: edgesMsOf(settings, answers),
    windowSeconds: settings.windowSeconds ?? MIN_WINDOW_SECONDS,
  });
}

/**
 * The samples of the `minutes` minutes up to `endMs`, oldest first, each with its control; without those that nothing is
 * known of.
 */
export async function readSpan(
  session: Session,
  settings: PrometheusSettings,
  span: { readonly endMs: number; readonly minutes: number },
): Promise<readonly TimedReading[] | FailedReading> {
  const beside = controlSettings(settings);
  const [own, control] = await Promise.all([
    readSpanOf(session, settings, span),
    beside === null ? [] : readSpanOf(session, beside, span),
  ]);
  if ('outcome' in own) return own;
  if ('outcome' in control) return control;
  const controls = new Map(control.map(({ atMs, reading }) => [atMs, reading]));
  return own.map(({ atMs, reading }) => {
    const other = controls.get(atMs);
    return { atMs, reading: other === undefined ? reading : withControl(reading, other) };
  });
}

async function readSpanOf(
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
  const custom = await askCustom(
    settings,
    session.leftMs(),
    async (query) =>
      await session.range(query, { fromMs, toMs: endMs, stepSeconds: MINUTE_SECONDS }, { maxSeries: MAX_SERIES }),
  );
  const edgesMs = edgesMsOf(settings, answers);
  const windowSeconds = settings.windowSeconds ?? MIN_WINDOW_SECONDS;
  const readings: TimedReading[] = [];
  for (let atMs = fromMs; atMs <= endMs; atMs += MINUTE_SECONDS * 1_000) {
    const sample = sampleAt({ answers, custom, atMs, edgesMs, windowSeconds });
    if (sample.ok) readings.push({ atMs, reading: sample.reading });
  }
  return readings;
}
