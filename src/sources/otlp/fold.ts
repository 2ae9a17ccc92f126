import { BucketSum, type Segment } from './distribution.ts';
import type { Increment, Level, Told } from './increments.ts';
import { DURATIONS, INSTRUMENTS } from './instruments.ts';

export const MINUTE_MS = 60_000;
/** A minute is looked at in six parts, to see how much of it is known. */
const PARTS = 6;
const PART_MS = MINUTE_MS / PARTS;

/** What was told of one minute. */
export interface Minute {
  /** Its end, epoch milliseconds. */
  readonly atMs: number;
  readonly requests: number;
  readonly failures: number;
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

/** The `minutes` minutes up to `endMs`, oldest first: what came in a stretch counts in each by how much of it lies there. */
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

function createMinute(atMs: number) {
  const latencies = new BucketSum();
  const counters = new Map<string, { code: number; used: { sender: number; part: number; value: number } }>();
  const levels = new Map<string, Level[]>();
  let [requests, failures, sumMs, stretchMs, known] = [0, 0, 0, 0, 0];
  let isSummed = true;
  let hasRequests = false;

  function add({ sender, instrument, part, fromMs, toMs, amount }: Increment): void {
    const from = Math.max(fromMs, atMs - MINUTE_MS);
    const to = Math.min(toMs, atMs);
    if (to < from || (to === from && toMs !== fromMs)) return;
    const weight = toMs === fromMs ? 1 : (to - from) / (toMs - fromMs);
    if (typeof amount === 'number') {
      const name = `${instrument} ${sender} ${part}`;
      const counter = counters.get(name) ?? { code: instrument, used: { sender, part, value: 0 } };
      counter.used.value += (amount * weight) / (MINUTE_MS / 1_000);
      counters.set(name, counter);
      return;
    }
    hasRequests = true;
    known |= partsOf(from, to, atMs);
    const count = amount.count * weight;
    requests += count;
    if (part === 1) failures += count;
    if (amount.count > 0) {
      stretchMs = Math.max(stretchMs, toMs - fromMs);
      if (amount.sumMs === null) isSummed = false;
      else sumMs += amount.sumMs * weight;
    }
    latencies.add(amount, weight);
  }

  return {
    add,
    addLevel(level: Level) {
      const name = `${level.stream}`;
      const same = levels.get(name);
      if (same === undefined) levels.set(name, [level]);
      else same.push(level);
    },
    done(): Minute {
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
        failures,
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
