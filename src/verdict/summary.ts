import type { Decision } from './assess.ts';
import type { Assessment } from './assessment.ts';
import { basisOf, controlClause } from './basis.ts';
import { movementOf, smallRise, subjectOf, toldOf } from './sentences.ts';
import type { Judged, MetricName } from './types.ts';

const PLAIN: Record<MetricName, string> = {
  error_rate: 'errors',
  latency_p95: 'latency',
  requests_per_sec: 'traffic',
  cpu_usage: 'CPU',
  memory_usage: 'memory',
};

const plain = (measure: Judged): string => (typeof measure === 'string' ? PLAIN[measure] : subjectOf(measure));

/** One sentence for the whole verdict. What it does not rest on comes first: an `ok` on two metrics is half an `ok`. */
export function summaryOf(decision: Decision, assessments: readonly Assessment[], notes: readonly string[]): string {
  const told = [...notes, ...gapsOf(assessments), ...basesOf(assessments)];
  const suffix = told.length > 0 ? ` (${told.join('; ')})` : '';
  const extent = extentOf(assessments);
  const [first, ...others] = [...decision.failed].sort((a, b) => Number(b.grave) - Number(a.grave));
  if (first === undefined) {
    const small = assessments.filter(({ evidence }) => evidence.isSmall === true).map(smallRise);
    const nothing =
      small.length === 0
        ? assessments.some((assessment) => controlClause(assessment) !== null)
          ? 'Nothing got worse than at the control'
          : 'Nothing got worse'
        : `Nothing got worse by as much as matters: ${small.map(inside).join('; ')}`;
    return `${after(extent, nothing)}${suffix}.`;
  }
  const more =
    others.length > 0 ? `; also worse: ${others.map((other) => inside(movementOf(other) ?? '')).join('; ')}` : '';
  return `${after(extent, toldOf(first).replace(/\.$/, ''))}${more}${suffix}.`;
}

/** "Judged on 3 of 5 metrics, without latency and errors"; null when all were judged. */
function extentOf(assessments: readonly Assessment[]): string | null {
  const missing = assessments.filter((assessment) => assessment.evidence.notJudged !== null);
  if (missing.length === 0) return null;
  const names = listed(missing.map((assessment) => plain(assessment.metric)));
  return `Judged on ${assessments.length - missing.length} of ${assessments.length} metrics, without ${names}`;
}

/** "CPU out of range in 2 samples", for metrics that were judged on the others. */
function gapsOf(assessments: readonly Assessment[]): string[] {
  return assessments.flatMap(({ metric, evidence }) => {
    if (evidence.notJudged !== null) return [];
    const { out_of_range = 0, not_measured = 0 } = evidence.samplesMissing ?? {};
    const clause = (count: number, what: string) =>
      count === 0 ? [] : [`${plain(metric)} ${what} in ${count} ${count === 1 ? 'sample' : 'samples'}`];
    return [...clause(out_of_range, 'out of range'), ...clause(not_measured, 'not measured')];
  });
}

/** "latency judged by the mean, for p95 here can't tell 100 from 250 ms": what was judged for want of better. */
function basesOf(assessments: readonly Assessment[]): string[] {
  return assessments.flatMap((assessment) => {
    if (assessment.evidence.notJudged !== null) return [];
    const [basis, control] = [basisOf(assessment), controlClause(assessment)];
    return [
      ...(basis === null ? [] : [basis.startsWith('p95') ? basis : `${plain(assessment.metric)} ${basis}`]),
      ...(control === null ? [] : [`${plain(assessment.metric)}: ${control}`]),
    ];
  });
}

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function after(extent: string | null, told: string): string {
  return extent === null ? told : `${extent}: ${inside(told)}`;
}

/** As it stands in the middle of a sentence; "p95 latency" and "CPU" keep their letters. */
export function inside(told: string): string {
  return /^(Nothing|Error|Traffic|Memory|Mean|The)/.test(told) ? told.charAt(0).toLowerCase() + told.slice(1) : told;
}
