import type { CustomQuery, PrometheusSettings } from '../../model/source.ts';
import type { CustomValue, CustomValues } from '../../verdict/custom/custom-metric.ts';
import { isPossible } from '../../verdict/custom/measured.ts';
import type { QueryAnswer } from './answer.ts';
import { manySeries, pointAt } from './points.ts';
import { expand, MIN_WINDOW_SECONDS } from './queries.ts';
import { type Asked, isFailed } from './session.ts';

/** Of a visit, what is kept for its end: queries of somebody's own may not cost it the five numbers. */
const RESERVE_MS = 500;
/** One is wanted; a second shows that there are more. */
export const MAX_SERIES = 2;

/** What came of asking for one: its answer, or why there is none, as one clause. */
export type CustomAnswer =
  | Extract<QueryAnswer, { outcome: 'ok' }>
  | { readonly outcome: 'absent'; readonly clause: string };

export interface CustomAnswers {
  readonly metric: CustomQuery;
  readonly query: string;
  readonly answer: CustomAnswer;
  /** Events per second; null: the application's requests are counted, or nothing is. */
  readonly events: CustomAnswer | null;
}

/**
 * Asks for a team's own metrics. Never fails: one that can't be read is missing, and the others and the five numbers count.
 * `leftMs`: what is left of the visit.
 */
export async function askCustom(
  settings: PrometheusSettings,
  leftMs: number,
  ask: (query: string) => Promise<Asked>,
): Promise<readonly CustomAnswers[]> {
  const { custom = [] } = settings;
  if (custom.length === 0) return [];
  const waitMs = Math.max(0, leftMs - RESERVE_MS);
  const { promise: tooLate, resolve } = Promise.withResolvers<CustomAnswer>();
  const timer = setTimeout(() => resolve({ outcome: 'absent', clause: 'did not answer in time' }), waitMs);
  const asked = async (query: string): Promise<CustomAnswer> =>
    await Promise.race([tooLate, ask(query).then(toCustomAnswer)]);
  try {
    return await Promise.all(
      custom.map(async (metric) => {
        const query = expand(metric.query, settings);
        const [answer, events] = await Promise.all([
          asked(query),
          metric.events === null ? null : asked(expand(metric.events, settings)),
        ]);
        return { metric, query, answer, events };
      }),
    );
  } finally {
    clearTimeout(timer);
  }
}

function toCustomAnswer(asked: Asked): CustomAnswer {
  if (!isFailed(asked) && asked.outcome === 'ok') return asked;
  return { outcome: 'absent', clause: `could not be read: ${asked.reason}` };
}

/** What the answers hold of the minute that ends at `atMs`, and a clause for each that is missing. */
export function customAt(
  answers: readonly CustomAnswers[],
  atMs: number,
  windowSeconds: number = MIN_WINDOW_SECONDS,
): { readonly values: CustomValues; readonly leftOut: readonly string[] } {
  const leftOut: string[] = [];
  const values = answers.map(({ metric, answer, events }): [string, CustomValue] => {
    const rate = events === null ? null : numberAt({ kind: 'rate' }, events, atMs).value;
    const counted = rate === null ? {} : { events: rate * windowSeconds };
    const { value, problem, isOutOfRange } = numberAt(metric, answer, atMs);
    if (value !== null) return [metric.name, { value, ...counted }];
    leftOut.push(`custom ${metric.name} ${problem}`);
    // 0/0: nothing happened, and nothing is wrong.
    const reason = isOutOfRange ? 'out_of_range' : rate === 0 ? 'no_requests' : 'not_measured';
    return [metric.name, { value, reason, ...counted }];
  });
  return { values: Object.fromEntries(values), leftOut };
}

type FoundNumber =
  | { readonly value: number; readonly problem: null; readonly isOutOfRange: false }
  | { readonly value: null; readonly problem: string; readonly isOutOfRange: boolean };

/** A share of 1 in floating point may come out as 1.0000000000000002. */
const ROUNDING = 1e-9;

/** The number of that minute, or what is wrong, as a clause behind its name. */
export function numberAt(metric: Pick<CustomQuery, 'kind'>, answer: CustomAnswer, atMs: number): FoundNumber {
  const absent = (problem: string, isOutOfRange = false): FoundNumber => ({ value: null, problem, isOutOfRange });
  if (answer.outcome === 'absent') return absent(answer.clause);
  if (answer.series.length > 1) return absent(manySeries(answer.series.length));
  const value = pointAt(answer, atMs);
  if (value === null) return absent(answer.series.length === 0 ? 'met no series' : 'has no data in this minute');
  if (Number.isNaN(value)) return absent('is NaN: the query divides by zero, or its histogram has no observation');
  const rounded = metric.kind === 'share' && value > 1 && value <= 1 + ROUNDING ? 1 : value;
  if (isPossible(metric, rounded)) return { value: rounded, problem: null, isOutOfRange: false };
  return absent(`is ${value}, expected ${metric.kind === 'share' ? 'a share, 0..1' : '0 or more'}`, true);
}

/** Those whose query changes with the selector, so that it can be read of some versions alone. */
export function byVersion(settings: PrometheusSettings, values: CustomValues): CustomValues {
  const apart = new Set((settings.custom ?? []).filter(isSelected).map(({ name }) => name));
  const read = Object.entries(values).map(([name, value]) => [
    name,
    apart.has(name) ? value : { value: null, reason: 'not_measured' },
  ]);
  return Object.fromEntries(read) as CustomValues;
}

const isSelected = ({ query }: CustomQuery): boolean => /\$selector\b/.test(query);

/** What is missing in the one, from the other. */
export function filledUp(values: CustomValues, others: CustomValues = {}): CustomValues {
  const read = Object.entries(values).map(([name, one]) => {
    const isKnown = one.value !== null || (one.reason ?? 'not_measured') !== 'not_measured';
    return [name, isKnown || !Object.hasOwn(others, name) ? one : (others[name] ?? one)];
  });
  return Object.fromEntries(read) as CustomValues;
}
