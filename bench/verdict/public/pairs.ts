import { judgeEarly } from '../../../src/verdict/early.ts';
import { judge } from '../../../src/verdict/judge.ts';
import { serviceNoise } from '../../../src/verdict/service-noise.ts';
import type { JudgeInput, MetricName, VerdictName } from '../../../src/verdict/types.ts';
import { partialSample } from '../partial-sample.ts';
import type { Part, Reading, Series } from './series.ts';

const BEFORE = 15;
const AFTER = 5;
/** Readings from before a pair that its ring would hold; at least a third of them, or the pair has no history. */
const HISTORY = 400;
const MIN_HISTORY = 100;
/** Many machines make many series; of the others there are few. */
const PAIRS_PER_SERIES: Record<Series['family'], number> = { 'azure-vm': 8, 'azure-llm': 21, nab: 60 };
const MINUTE_MS = 60_000;

/** What is put on the readings after, and on which metric; of an A/A pair nothing. */
export const CHANGES = {
  none: null,
  'latency ×1.5': { metric: 'latency_p95', to: (value: number) => value * 1.5 },
  'latency ×2': { metric: 'latency_p95', to: (value: number) => value * 2 },
  'traffic ×.6': { metric: 'requests_per_sec', to: (value: number) => value * 0.6 },
  'traffic ×.2': { metric: 'requests_per_sec', to: (value: number) => value * 0.2 },
  'CPU +10 points': { metric: 'cpu_usage', to: (value: number) => Math.min(1, value + 0.1) },
  'CPU +25 points': { metric: 'cpu_usage', to: (value: number) => Math.min(1, value + 0.25) },
} as const satisfies Record<string, { metric: MetricName; to: (value: number) => number } | null>;
export type Change = keyof typeof CHANGES;

/** Null where the reading does not have what would change. */
function changed(reading: Reading, change: Change): Reading | null {
  const how = CHANGES[change];
  if (how === null) return reading;
  const value = reading[how.metric];
  return value === undefined ? null : { ...reading, [how.metric]: how.to(value) };
}

export interface Tally {
  readonly family: Series['family'];
  readonly part: Part;
  readonly change: Change;
  pairs: number;
  /** Alarms and rollbacks, knowing nothing of the service's own noise and knowing it. */
  alarms: number;
  rollbacks: number;
  alarmsWithHistory: number;
  rollbacksWithHistory: number;
  /** Called back at any look before the window is over, without history. */
  early: number;
}

/** Pairs of neighbouring windows, evenly over each series, as they are and with each change; judged without and with history. */
export function judgedPairs(all: readonly Series[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const { family, part, readings, marked } of all) {
    const count = PAIRS_PER_SERIES[family];
    const last = readings.length - BEFORE - AFTER;
    for (let i = 0; i < count; i++) {
      const start = Math.floor(MIN_HISTORY + ((last - MIN_HISTORY) * i) / Math.max(1, count - 1));
      if (start < MIN_HISTORY || start > last) continue;
      const size = BEFORE + AFTER;
      if (Array.from({ length: size }, (_, k) => start + k).some((k) => marked?.has(k) === true)) continue;
      const from = Math.max(0, start - HISTORY);
      const pre = readings
        .slice(start, start + BEFORE)
        .map((reading, k) => partialSample(reading, (start + k) * MINUTE_MS));
      const quiet = readings
        .slice(from, start)
        .map((reading, k) => (marked?.has(from + k) ? [] : partialSample(reading, (from + k) * MINUTE_MS)));
      const history = [...quiet.flat(), ...pre];
      const noise = serviceNoise(history, { countBefore: BEFORE, countAfter: AFTER });
      for (const change of Object.keys(CHANGES) as Change[]) {
        const after = readings.slice(start + BEFORE, start + size).flatMap((reading) => changed(reading, change) ?? []);
        if (after.length < AFTER) continue;
        const post = after.map((reading, k) => partialSample(reading, (start + BEFORE + k) * MINUTE_MS));
        const asked = { pre, post, expectedPre: BEFORE, expectedPost: AFTER, collectionEnded: null };
        const key = `${family} ${part} ${change}`;
        const tally: Tally = tallies.get(key) ?? { family, part, change, pairs: 0, ...NOTHING };
        tallies.set(key, tally);
        if (isCalledEarly(asked)) tally.early++;
        add(tally, judge(asked).verdict, judge({ ...asked, noise }).verdict);
      }
    }
  }
  return [...tallies.values()];
}

const isCalledEarly = (asked: JudgeInput) =>
  asked.post.some((_, look) => judgeEarly({ ...asked, post: asked.post.slice(0, look) }) !== null);

const NOTHING = { alarms: 0, rollbacks: 0, alarmsWithHistory: 0, rollbacksWithHistory: 0, early: 0 };

function add(tally: Tally, without: VerdictName, withHistory: VerdictName): void {
  tally.pairs++;
  if (isAlarm(without)) tally.alarms++;
  if (without === 'rollback_recommended') tally.rollbacks++;
  if (isAlarm(withHistory)) tally.alarmsWithHistory++;
  if (withHistory === 'rollback_recommended') tally.rollbacksWithHistory++;
}

const isAlarm = (verdict: VerdictName) => verdict === 'attention' || verdict === 'rollback_recommended';
