import type { ReportedDeployment } from './wire.ts';

/** The deployment as a late check that changed its mind reports it. null: none did. */
export function judgedLate(deployment: ReportedDeployment): ReportedDeployment | null {
  const check = (deployment.late_checks ?? []).find(({ verdict }) => verdict === 'attention');
  if (check === undefined) return null;
  const { verdict, confidence, summary } = check;
  const details = check.details.filter(({ severity }) => severity !== 'none');
  return { ...deployment, verdict: { verdict, confidence, summary, details } };
}

export interface LaterNote {
  readonly isWorse: boolean;
  /** A sentence or two. */
  readonly text: string;
}

/** What later looks said, what got worse first. */
export function laterNotes({ late_checks: checks }: Pick<ReportedDeployment, 'late_checks'>): LaterNote[] {
  return (checks ?? [])
    .map(({ verdict, summary }) =>
      verdict === 'attention'
        ? { isWorse: true, text: `Worse since the verdict. ${summary}` }
        : { isWorse: false, text: summary },
    )
    .sort((one, other) => Number(other.isWorse) - Number(one.isWorse));
}
