import { BucketSum, type Segment } from './distribution.ts';
import type { Increment, Level, Told } from './increments.ts';
import { DURATIONS, INSTRUMENTS } from './instruments.ts';

export const MINUTE_MS = 60_000;
/** A minute is looked at in six parts, to see how much of it is known. */
const PARTS = 6;
const PART_MS = MINUTE_MS / PARTS;
/** Of six: less of a minute is no minute. */
export const MIN_PARTS = 3;

/** What was told of one minute. */
export interface Minute {
  /** Its end, epoch milliseconds. */
  readonly atMs: number;
  readonly requests: number;
  readonly failures: number;
  /** Requests by their part, 0 to 3. */
  readonly parts: readonly number[];
  /** Of all requests, milliseconds; null: some instance does not tell. */
  readonly sumMs: number | null;
  readonly latencies: readonly Segment[];
  /** Whether requests are counted here at all, if only none. */
  readonly hasRequests: boolean;
  /** By code of the instrument: seconds a second of counters, means of levels; of each part and sender. */
  readonly used: ReadonlyMap<number, readonly Used[]>;
  /** Seconds of the longest stretch that was told as one. */
  readonly stretchSeconds: number;
  /** Parts of the minute of which requests are known: a bit each. */
  readonly known: number;
}

export interface Used {
  readonly sender: number;
  readonly part: number;
  readonly value: number;
}

const KEEPS = new Map(INSTRUMENTS.map(({ code, keeps }) => [code, keeps]));

/** The `minutes` minutes up to `endMs`, oldest first. */
export function foldMinutes(told: Told, span: { readonly endMs: number; readonly minutes: number }): Minute[] {
  const fromMs = span.endMs - span.minutes * MINUTE_MS;
  const duration = DURATIONS.find((code) => told.increments.some(({ instrument }) => instrument === code));
  const building = Array.from({ length: span.minutes }, (_, index) => createMinute(fromMs + (index + 1) * MINUTE_MS));
  const indexOf = (atMs: number) => Math.floor((atMs - fromMs) / MINUTE_MS);
  for (const increment of told.increments) {
    const keeps = KEEPS.get(increment.instrument);
    if (keeps === 'duration' && increment.instrument !== duration) continue;
    const last = Math.min(span.minutes - 1, indexOf(increment.toMs));
    for (let at = Math.max(0, indexOf(increment.fromMs)); at <= last; at += 1) building[at]?.add(increment);
  }
  for (const level of told.levels) {
    // A point at the minute's very end is of this minute.
    building[Math.ceil((level.atMs - fromMs) / MINUTE_MS) - 1]?.addLevel(level);
  }
  return building.map((minute) => minute.done());
}

/** Milliseconds of a minute that one sender's exports must lie in, for those at its edges not to be needed. */
const MIN_INSIDE_MS = 20_000;

/** An increment, and what of it lies in the minute; epoch milliseconds. */
interface Met {
  readonly increment: Increment;
  readonly from: number;
  readonly to: number;
}

function createMinute(atMs: number) {
  const latencies = new BucketSum();
  const bySender = new Map<number, Met[]>();
  const counters = new Map<string, { code: number; used: { sender: number; part: number; value: number } }>();
  const levels = new Map<number, Level[]>();
  const parts = [0, 0, 0, 0];
  let [requests, sumMs, stretchMs, known] = [0, 0, 0, 0];
  let isSummed = true;
  let hasRequests = false;

  function weigh({ increment, from, to }: Met, weight: number): void {
    const { sender, instrument, part, fromMs, toMs, amount } = increment;
    if (typeof amount === 'number') {
      const name = `${instrument} ${sender} ${part}`;
      const counter = counters.get(name) ?? { code: instrument, used: { sender, part, value: 0 } };
      counter.used.value += (amount * weight) / (MINUTE_MS / 1_000);
      counters.set(name, counter);
      return;
    }
    hasRequests = true;
    known |= partsOf(from, to, atMs);
    if (weight === 0) return;
    const count = amount.count * weight;
    requests += count;
    parts[part] = (parts[part] ?? 0) + count;
    if (amount.count > 0) {
      stretchMs = Math.max(stretchMs, toMs - fromMs);
      if (amount.sumMs === null) isSummed = false;
      else sumMs += amount.sumMs * weight;
    }
    latencies.add(amount, weight);
  }

  return {
    add(increment: Increment): void {
      const { sender, fromMs, toMs } = increment;
      const from = Math.max(fromMs, atMs - MINUTE_MS);
      const to = Math.min(toMs, atMs);
      if (to < from || (to === from && toMs !== fromMs)) return;
      const met = bySender.get(sender);
      if (met === undefined) bySender.set(sender, [{ increment, from, to }]);
      else met.push({ increment, from, to });
    },
    addLevel(level: Level) {
      const same = levels.get(level.stream);
      if (same === undefined) levels.set(level.stream, [level]);
      else same.push(level);
    },
    done(): Minute {
      for (const met of bySender.values()) {
        const weightOf = weightsOf(met);
        for (const one of met) weigh(one, weightOf(one));
      }
      const used = new Map<number, Used[]>();
      const put = (code: number, one: Used) => {
        const list = used.get(code);
        if (list === undefined) used.set(code, [one]);
        else list.push(one);
      };
      for (const { code, used: one } of counters.values()) put(code, one);
      for (const same of levels.values()) {
        const [first] = same;
        const value = same.reduce((sum, level) => sum + level.value, 0) / same.length;
        if (first !== undefined) put(first.instrument, { sender: first.sender, part: first.part, value });
      }
      return {
        atMs,
        requests,
        failures: parts[1] ?? 0,
        parts,
        sumMs: isSummed ? sumMs : null,
        latencies: latencies.segments(),
        hasRequests,
        used,
        stretchSeconds: Math.round(stretchMs / 1_000),
        known,
      };
    },
  };
}

/**
 * How much of each increment of one sender counts in the minute. What lies at its edges is of two minutes, and a share of it
 * is a mixture: where enough of the minute is told by what lies wholly in it, that stands for all of the time that the
 * sender tells of (as Prometheus' rate() has it). Else each counts by how much of it lies there.
 */
function weightsOf(met: readonly Met[]): (one: Met) => number {
  const isInside = ({ increment, from, to }: Met) => increment.fromMs === from && increment.toMs === to;
  const insideMs = unionMs(met.filter(isInside));
  if (insideMs >= MIN_INSIDE_MS) {
    const scale = unionMs(met) / insideMs;
    return (one) => (isInside(one) ? scale : 0);
  }
  return ({ increment: { fromMs, toMs }, from, to }) => (toMs === fromMs ? 1 : (to - from) / (toMs - fromMs));
}

/** Milliseconds that any of them touches. */
function unionMs(met: readonly Met[]): number {
  const stretches = [...new Map(met.map(({ from, to }) => [`${from} ${to}`, { from, to }])).values()];
  let [sum, reached] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of stretches.sort((a, b) => a.from - b.from)) {
    if (to <= reached) continue;
    sum += to - Math.max(from, reached);
    reached = to;
  }
  return sum;
}

/** A bit for each part of the minute that the stretch touches. */
function partsOf(fromMs: number, toMs: number, endMs: number): number {
  const startMs = endMs - MINUTE_MS;
  const first = Math.min(PARTS - 1, Math.floor((fromMs - startMs) / PART_MS));
  const last = Math.min(PARTS - 1, Math.max(first, Math.ceil((toMs - startMs) / PART_MS) - 1));
  let bits = 0;
  for (let part = first; part <= last; part += 1) bits |= 1 << part;
  return bits;
}

/** How many parts of six. */
export function knownParts({ known }: Minute): number {
  return Array.from({ length: PARTS }, (_, part) => (known >> part) & 1).reduce((sum, bit) => sum + bit, 0);
}

/** Whether its first ten seconds are known. */
export function beginsKnown({ known }: Minute): boolean {
  return (known & 1) === 1;
}
