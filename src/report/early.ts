import type { ReportedDeployment } from './wire.ts';

/**
 * The deployment as who stops at its early verdict reports it: with that verdict for the one that is still to come. null: it
 * has none.
 */
export function judgedEarly(deployment: ReportedDeployment): ReportedDeployment | null {
  const { preliminary } = deployment;
  if (preliminary === null || preliminary === undefined) return null;
  const { confidence, summary, details } = preliminary;
  return { ...deployment, verdict: { verdict: 'rollback_recommended', confidence, summary, details } };
}

/** An early verdict in words, and what became of it: sentences; null where there was none. */
export function earlyNote({
  preliminary,
  state,
  verdict,
}: Pick<ReportedDeployment, 'preliminary' | 'state' | 'verdict'>): string | null {
  if (preliminary === null || preliminary === undefined) return null;
  const { minute, summary, outcome } = preliminary;
  const given = `A rollback was recommended early, ${minute} min after finish`;
  if (outcome === 'confirmed') return `${given}, and the verdict confirms it.`;
  if (outcome === 'withdrawn') return `${given}; the verdict withdraws it.`;
  if (verdict !== null && state === 'finished')
    return `${given}: observation goes on, and the verdict confirms or withdraws it.`;
  if (verdict !== null) return `${given}; the verdict neither confirms nor withdraws it.`;
  return `A rollback is recommended before the window is over, ${minute} min after finish. ${summary}`;
}
