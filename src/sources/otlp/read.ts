import type { TimedReading } from '../../model/sample.ts';
import type { CustomInstrument, OtlpSource } from '../../model/source.ts';
import { withoutCustom } from './custom-instruments.ts';
import { type CustomFound, type CustomTold, customFound, customTold, customValues } from './custom-values.ts';
import { decodePoints } from './decode-stored.ts';
import type { Exports } from './exports.ts';
import { beginsKnown, foldMinutes, knownParts, MIN_PARTS, MINUTE_MS, type Minute } from './fold.ts';
import { MAX_GAP_MS, type Told, tellOf } from './increments.ts';
import { DURATIONS } from './instruments.ts';
import type { PointsRow, SenderPoints } from './points.ts';
import { type MinuteSample, sampleOf, withCustom } from './sample.ts';

export interface PointsQuery {
  readonly projectId: string;
  /** null: of all environments. */
  readonly env: string | null;
  /** null: of all services. */
  readonly serviceName: string | null;
  /** Epoch milliseconds, both included. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is kept of pushed points: src/db/otlp-points.ts. */
export interface PointsStore {
  readonly list: (query: PointsQuery) => Promise<readonly PointsRow[]>;
  /** The services of which anything is kept of this time, by name. */
  readonly listServices: (query: Omit<PointsQuery, 'serviceName'>) => Promise<readonly string[]>;
}

/** Milliseconds after its usual time at which an export is late: a batch that waits, a network. */
const LATE_MS = 15_000;
/** What a sender is taken for that exported once: the default of OpenTelemetry's SDKs. */
const USUAL_INTERVAL_MS = 60_000;
/** Nothing is waited for longer than this after a minute's end. */
const MAX_WAIT_MS = 90_000;

export type MinuteState =
  | { readonly state: 'known'; readonly minute: Minute; readonly sample: MinuteSample }
  /** What is missing may still come until then, epoch milliseconds. */
  | { readonly state: 'coming'; readonly untilMs: number }
  | { readonly state: 'unknown'; readonly reason: string };

export interface SpanRead {
  /** Oldest first; the last one ends at the span's end. */
  readonly minutes: readonly MinuteState[];
  readonly told: Told;
  readonly rows: readonly PointsRow[];
  readonly senders: readonly SenderPoints[];
  /** Metrics of the team's own, in their order. */
  readonly custom: readonly CustomTold[];
}

interface AskedSpan {
  readonly endMs: number;
  readonly minutes: number;
  readonly nowMs: number;
}

/** Milliseconds before a minute in which exports are looked for first: one of whoever exports once a minute. */
const NEAR_MS = 75_000;

/** All that is kept of the `minutes` minutes up to `endMs`, minute by minute. */
export async function readSpan(store: PointsStore, source: OtlpSource, span: AskedSpan): Promise<SpanRead> {
  const { projectId, env, settings } = source;
  const read = async (beforeMs: number): Promise<SpanRead> => {
    const fromMs = span.endMs - span.minutes * MINUTE_MS - beforeMs;
    const toMs = span.endMs + MAX_GAP_MS;
    const rows = await store.list({ projectId, env, serviceName: settings.serviceName, fromMs, toMs });
    return spanOf(rows, span, settings.custom);
  };
  // Of a span the minutes are most of what is read; of one minute it would be what lies before it.
  if (span.minutes > 1) return await read(MAX_GAP_MS);
  const near = await read(NEAR_MS);
  return needsOlder(near, span.endMs) ? await read(MAX_GAP_MS) : near;
}

/** Whether older points could say more of the minute: of a stream that begins within it, of what is silent or missing. */
function needsOlder({ minutes, told, custom }: SpanRead, endMs: number): boolean {
  const [state] = minutes;
  if (state?.state === 'coming') return false;
  if (state?.state !== 'known' || !state.minute.hasRequests) return true;
  const isFirst = (atMs: number) => atMs > endMs - MINUTE_MS;
  if (told.firstMs.some(isFirst) || custom.some((one) => one.told.firstMs.some(isFirst))) return true;
  const values = state.sample.ok ? Object.values(state.sample.reading.facts?.custom ?? {}) : [];
  return values.some(({ value }) => value === null);
}

/** The same, of rows. */
export function spanOf(
  rows: readonly PointsRow[],
  span: AskedSpan,
  metrics: readonly CustomInstrument[] = [],
): SpanRead {
  const senders = rows.flatMap(({ points }) => decodePoints(points));
  const told = tellOf(withoutCustom(senders));
  const custom = metrics.map((metric) => customTold(senders, metric));
  const found = custom.map((one) => customFound(one, span));
  const minutes = foldMinutes(told, span).map((minute, at) =>
    withCustomAt(stateOf(told, minute, span.nowMs), custom, found, at),
  );
  return { told, rows, senders, custom, minutes };
}

function withCustomAt(
  state: MinuteState,
  custom: readonly CustomTold[],
  found: readonly (readonly CustomFound[])[],
  at: number,
): MinuteState {
  if (state.state !== 'known' || custom.length === 0) return state;
  const ofMinute = custom.flatMap(({ metric }, index) => {
    const one = found[index]?.[at];
    return one === undefined ? [] : [{ metric, found: one }];
  });
  return { ...state, sample: withCustom(state.sample, customValues(ofMinute)) };
}

export function readingsOf({ minutes }: SpanRead): TimedReading[] {
  return minutes.flatMap((one) =>
    one.state === 'known' && one.sample.ok ? [{ atMs: one.minute.atMs, reading: one.sample.reading }] : [],
  );
}

function stateOf(told: Told, minute: Minute, nowMs: number): MinuteState {
  const senders = [...told.exports.values()];
  const coming = comesUntil(senders, minute.atMs, nowMs);
  if (coming !== null) return { state: 'coming', untilMs: coming };
  const newest = Math.max(...senders.map(lastOf));
  if (senders.length === 0) return { state: 'unknown', reason: 'nothing has been received' };
  const isDelta = !senders.some(({ isCumulative }) => isCumulative);
  // Of cumulative streams what came until now is told later; of the others silence is all that no requests can be.
  if (newest < minute.atMs && !(isDelta && minute.hasRequests)) {
    return { state: 'unknown', reason: `nothing has come since ${new Date(newest).toISOString()}` };
  }
  const whole = isDelta ? silentAsIdle(told, minute) : minute;
  const beganIn = told.firstSeenMs.some((at) => at > minute.atMs - MINUTE_MS && at <= minute.atMs);
  const isPart = whole.hasRequests && !isDelta && (knownParts(whole) < MIN_PARTS || (beganIn && !beginsKnown(whole)));
  if (isPart) return { state: 'unknown', reason: 'only a part of this minute is known' };
  return { state: 'known', minute: whole, sample: sampleOf(whole) };
}

/** Whoever reports differences alone says nothing when nobody asks. */
function silentAsIdle(told: Told, minute: Minute): Minute {
  const counts = told.increments.some(({ instrument }) => DURATIONS.includes(instrument));
  return minute.hasRequests || !counts ? minute : { ...minute, hasRequests: true, sumMs: null };
}

/** Until when somebody's next export may bring more of a minute; null: nobody's will. */
function comesUntil(senders: readonly Exports[], endMs: number, nowMs: number): number | null {
  const expected = senders
    .filter((sender) => lastOf(sender) < endMs)
    .map((sender) => Math.min(endMs + MAX_WAIT_MS, lastOf(sender) + intervalOf(sender) + LATE_MS));
  const isOver = senders.some((sender) => lastOf(sender) >= endMs);
  if (!isOver) expected.push(endMs + MAX_WAIT_MS);
  const last = Math.max(Number.NEGATIVE_INFINITY, ...expected);
  return last > nowMs ? last : null;
}

function lastOf({ timesMs }: Exports): number {
  return timesMs.at(-1) ?? Number.NEGATIVE_INFINITY;
}

/** Median of the milliseconds between a sender's exports; points of one export may lie a little apart. */
export function intervalOf({ timesMs }: Pick<Exports, 'timesMs'>): number {
  const gaps = timesMs
    .slice(1)
    .map((at, index) => at - (timesMs[index] ?? 0))
    .filter((gap) => gap >= 1_000)
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? USUAL_INTERVAL_MS;
}
