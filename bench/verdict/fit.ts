import { type Admitted, admit } from '../../src/verdict/admit.ts';
import { ASSESSORS, verdictOf } from '../../src/verdict/assess.ts';
import { causesOf } from '../../src/verdict/causes.ts';
import type { Grounds } from '../../src/verdict/confidence.ts';
import { type Context, contextOf } from '../../src/verdict/context.ts';
import { DEFAULT_TUNING } from '../../src/verdict/tuning.ts';
import { METRICS, type MetricName, type VerdictName } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline, type Label } from './cases.ts';
import { type Constants, DIALS, dialValue } from './dials.ts';

/** A case cleaned once: no constant that is searched changes which samples speak. */
export interface ReadyCase {
  readonly label: Label;
  readonly admitted: Admitted;
  readonly context: Context;
}

export function readyCases(cases: readonly Case[], baselineSamples: number): ReadyCase[] {
  const ready: ReadyCase[] = [];
  for (const testCase of cases) {
    if (testCase.label === null) throw new Error(`${testCase.id}: choosing constants needs labels`);
    const { pre, post } = inputOf(testCase);
    const admitted = admit(pre, post, { baselineSamples });
    // None of the constants that it looks at is searched.
    const context = contextOf(admitted.before, admitted.after, {}, DEFAULT_TUNING);
    ready.push({ label: testCase.label, admitted, context });
  }
  return ready;
}

/** What one metric says of every case under some constants: all that a decision needs of it. */
interface Column {
  /** 0 where the metric could not be judged. */
  readonly strength: Float64Array;
  readonly observed: Float64Array;
  readonly isGrave: Uint8Array;
  readonly isUnjudged: Uint8Array;
  readonly hasAlternative: Uint8Array;
}

export interface Decided extends Pick<Grounds, 'strength' | 'unjudged' | 'hasAlternative'> {
  readonly verdict: VerdictName;
  readonly metrics: readonly MetricName[];
}

/** Decisions for cases by index, under any constants. */
export interface Table {
  readonly cases: readonly ReadyCase[];
  readonly decide: (index: number, constants: Constants) => Decided;
  /** Score of these constants on these cases; the search climbs it. */
  readonly objective: (members: readonly number[], constants: Constants) => number;
}

/**
 * Every fold's search asks the same questions about the same cases, since a case's assessment does not depend on the
 * fold: each answer is computed once for all cases and kept by the dials that touch the metric.
 */
export function tableOf(cases: readonly ReadyCase[]): Table {
  const known = new Map<string, Column>();
  const column = (metric: MetricName, constants: Constants, rest: string): Column => {
    const touching = DIALS.filter((dial) => dial.metrics.includes(metric));
    const key = `${rest} ${metric} ${touching.map((dial) => dialValue(constants, dial.name)).join(' ')}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const made: Column = {
      strength: new Float64Array(cases.length),
      observed: new Float64Array(cases.length),
      isGrave: new Uint8Array(cases.length),
      isUnjudged: new Uint8Array(cases.length),
      hasAlternative: new Uint8Array(cases.length),
    };
    for (const [i, { admitted, context }] of cases.entries()) {
      const { before, after } = admitted;
      const { evidence, grave, observed } = ASSESSORS[metric](
        before,
        after,
        constants.limits,
        constants.tuning,
        context,
      );
      made.strength[i] = evidence.strength ?? 0;
      made.observed[i] = observed ?? 0;
      made.isGrave[i] = grave ? 1 : 0;
      made.isUnjudged[i] = evidence.notJudged === null ? 0 : 1;
      made.hasAlternative[i] = evidence.alternative === undefined ? 0 : 1;
    }
    known.set(key, made);
    return made;
  };
  const decideWith = (columns: readonly Column[], index: number): Decided => {
    let strength = 0;
    let unjudged = 0;
    let isGrave = false;
    let hasAlternative = true;
    const failed: { metric: MetricName; observed: number }[] = [];
    for (const [c, metric] of METRICS.entries()) {
      const column = columns[c];
      if (column === undefined) continue;
      const own = column.strength[index] ?? 0;
      strength = Math.max(strength, own);
      unjudged += column.isUnjudged[index] ?? 0;
      if (own < 1) continue;
      failed.push({ metric, observed: column.observed[index] ?? 0 });
      if (column.isGrave[index] === 1) isGrave = true;
      if (column.hasAlternative[index] === 0) hasAlternative = false;
    }
    const decided = verdictOf(causesOf(failed), isGrave);
    const isSilent = cases[index]?.context.isSilent === true;
    return {
      verdict: decided === 'ok' && isSilent ? 'insufficient_data' : decided,
      strength,
      unjudged,
      hasAlternative: failed.length > 0 && hasAlternative,
      metrics: failed.map(({ metric }) => metric),
    };
  };
  const columnsFor = (constants: Constants) => {
    const rest = withoutDials(constants);
    return METRICS.map((metric) => column(metric, constants, rest));
  };
  return {
    cases,
    decide: (index, constants) => decideWith(columnsFor(constants), index),
    objective: (members, constants) => {
      const columns = columnsFor(constants);
      const labels = members.map((i) => cases[i]?.label);
      return objective(
        labels,
        members.map((i) => decideWith(columns, i)),
      );
    },
  };
}

/** What is not searched: two starts may differ in it, and one must not be answered with what is known of the other. */
function withoutDials(constants: Constants): string {
  return JSON.stringify(DIALS.reduce((same, dial) => dial.set(same, 0), constants));
}

/** How sharply strength counts as an alarm in the smooth score: at strength 1.2 it is .71, at .8 it is .25. */
const STEEPNESS = 5;
/** False rollbacks and false alarms are dearer above these shares: they are what a tool is switched off for. */
const FALSE_ROLLBACK_ROOM = 0.006;
const FALSE_ALARM_ROOM = 0.025;

/**
 * What a search maximises: F1, part of it smooth, so that a case deep inside its side counts more than one at
 * the edge and constants settle in the middle of a plateau; a little for real faults; fines for false rollbacks and alarms.
 */
function objective(labels: readonly (Label | undefined)[], decisions: readonly Decided[]): number {
  let positives = 0;
  let healthy = 0;
  let hits = 0;
  let falseAlarms = 0;
  let falseRollbacks = 0;
  let softHits = 0;
  let softFalse = 0;
  let real = 0;
  let quiet = 0;
  let quietAlarms = 0;
  let softReal = 0;
  for (const [i, label] of labels.entries()) {
    const decision = decisions[i];
    if (decision === undefined || label === undefined || !isHeadline(label)) continue;
    const soft = 1 / (1 + Math.max(decision.strength, 1e-3) ** -STEEPNESS);
    const alarm = decision.verdict === 'attention' || decision.verdict === 'rollback_recommended';
    if (label.group === 'quiet_pair') {
      quiet++;
      if (alarm) quietAlarms++;
      continue;
    }
    if (!label.regressed) {
      healthy++;
      softFalse += soft;
      if (alarm) falseAlarms++;
      if (decision.verdict === 'rollback_recommended') falseRollbacks++;
      continue;
    }
    positives++;
    softHits += soft;
    if (alarm) hits++;
    if (label.group === 'real_fault') {
      real++;
      softReal += soft;
    }
  }
  const f1 = (hit: number, wrong: number) => (2 * hit) / (positives + hit + wrong);
  return (
    0.6 * f1(softHits, softFalse) +
    0.4 * f1(hits, falseAlarms) +
    0.1 * (real > 0 ? softReal / real : 0) -
    Math.max(0, falseRollbacks / healthy - FALSE_ROLLBACK_ROOM) -
    0.5 * Math.max(0, falseAlarms / healthy - FALSE_ALARM_ROOM) -
    (quiet > 0 ? 0.5 * Math.max(0, quietAlarms / quiet - FALSE_ALARM_ROOM) : 0)
  );
}

/** Below this a gain is an accident of the cases: the dial stays where it is. */
const MIN_GAIN = 5e-4;

/** Chooses constants for these cases: one dial after the other over its whole ladder, until a round changes nothing. */
export function fitConstants(table: Table, members: readonly number[], start: Constants, rounds = 4): Constants {
  let constants = start;
  let best = table.objective(members, constants);
  for (let round = 0; round < rounds; round++) {
    let moved = false;
    for (const dial of DIALS) {
      for (const value of dial.values) {
        if (value === dialValue(constants, dial.name)) continue;
        const candidate = dial.set(constants, value);
        const score = table.objective(members, candidate);
        if (score <= best + MIN_GAIN) continue;
        best = score;
        constants = candidate;
        moved = true;
      }
    }
    if (!moved) break;
  }
  return constants;
}
