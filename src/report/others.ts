import { listed } from './headline.ts';
import { calm } from './plain.ts';
import { hourMinute } from './times.ts';
import type { ReportedDeployment, ReportedOther, ReportedOthers } from './wire.ts';

/** How many are named: the likeliest stand first. */
const MAX_NAMED = 3;

/**
 * What other projects of the environment did in the same minutes, by name where whoever reads may know them; null where nobody
 * was looked at, or nobody else got worse.
 */
export function othersNote({ verdict, env }: Pick<ReportedDeployment, 'verdict' | 'env'>): string | null {
  const others = verdict?.others ?? null;
  if (others === null || others.worse === 0) return null;
  const { suspects, lowered, projects } = others;
  if (suspects === 0) {
    return `In the same minutes ${counted(others, others.worse, env)} got worse too${toldOf(others, projects)}; none is likely to be the cause.`;
  }
  const named = projects?.filter(({ suspect }) => suspect) ?? null;
  const without = lowered ? ' Without that a rollback would be recommended.' : '';
  return `Perhaps not this deployment: in the same minutes ${counted(others, suspects, env)} got worse and may be the cause${toldOf(others, named)}.${without}`;
}

const counted = ({ looked_at: lookedAt }: ReportedOthers, count: number, env: string): string =>
  lookedAt === 1 ? `the other project of ${env}` : `${count} of ${lookedAt} other projects of ${env}`;

/** ": “cart” from 10:04 on, “payments” from 10:05 on (UTC)", or without names ", from 10:04 UTC on". */
function toldOf({ since }: ReportedOthers, projects: readonly ReportedOther[] | null): string {
  if (projects === null || projects.length === 0) return since === null ? '' : `, from ${at(since)} UTC on`;
  const first = projects.slice(0, MAX_NAMED).map(({ name, since: from }) => {
    // Whoever may name a project may not write this sentence.
    const quoted = `“${calm(name)}”`;
    return from === null ? quoted : `${quoted} from ${at(from)} on`;
  });
  const more = projects.length - first.length;
  return `: ${listed([...first, ...(more > 0 ? [`${more} more`] : [])])} (UTC)`;
}

const at = (time: string): string => hourMinute(Date.parse(time));
