import { type JudgeInput, VERDICTS, type VerdictName } from '../../src/verdict/types.ts';
import { type Case, isHeadline } from '../verdict/cases.ts';
import { predict } from '../verdict/engine.ts';

/** Verdicts of the same cases by one road of their numbers. */
export interface Road {
  readonly name: string;
  readonly verdicts: readonly VerdictName[];
}

/** `inputs`: of the cases, in their order. */
export function judged(name: string, inputs: readonly JudgeInput[]): Road {
  return { name, verdicts: inputs.map((input) => predict(input).verdict) };
}

const isAlarm = (verdict: VerdictName | undefined) => verdict === 'attention' || verdict === 'rollback_recommended';
const percent = (share: number) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–');

/** Share of the verdicts that are those of `pull`. */
export function sameShare(pull: Road, road: Road): number {
  return road.verdicts.filter((verdict, index) => verdict === pull.verdicts[index]).length / road.verdicts.length;
}

export const TABLE_HEAD =
  '| source | same verdict | faults found | latency alone | alarms where nothing was |\n|---|---|---|---|---|';

/** A line of the table: `cases` may be a part of them, with the verdicts of that part. */
export function row(cases: readonly Case[], pull: Road, road: Road): string {
  const alarmsOf = (isWanted: (one: Case) => boolean) => {
    const chosen = cases.flatMap((one, index) => (isWanted(one) ? [road.verdicts[index]] : []));
    return percent(chosen.filter(isAlarm).length / chosen.length);
  };
  const found = alarmsOf(({ label }) => label?.regressed === true && isHeadline(label));
  const latency = alarmsOf(
    ({ label }) => label?.regressed === true && isHeadline(label) && label.affected.join() === 'latency_p95',
  );
  const wrong = alarmsOf(({ label }) => label?.regressed === false);
  return `| ${road.name} | ${percent(sameShare(pull, road))} | ${found} | ${latency} | ${wrong} |`;
}

/** Which verdicts became which. */
export function differences(pull: Road, road: Road): string {
  const counts = VERDICTS.flatMap((from) =>
    VERDICTS.flatMap((to) => {
      const count = road.verdicts.filter((verdict, index) => verdict === to && pull.verdicts[index] === from).length;
      return from !== to && count > 0 ? [`${count} × ${from} → ${to}`] : [];
    }),
  );
  return counts.length === 0 ? 'none' : counts.join(', ');
}
