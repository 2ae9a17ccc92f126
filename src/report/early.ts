import type { ReportedDeployment } from './wire.ts';

/** An early verdict in words, and what became of it: sentences; null where there was none. */
export function earlyNote({
  preliminary,
  verdict,
}: Pick<ReportedDeployment, 'preliminary' | 'verdict'>): string | null {
  if (preliminary === null || preliminary === undefined) return null;
  const { minute, summary, outcome } = preliminary;
  const given = `A rollback was recommended early, ${minute} min after finish`;
  if (outcome === 'confirmed') return `${given}, and the verdict confirms it.`;
  if (outcome === 'withdrawn') return `${given}; the verdict withdraws it.`;
  if (verdict !== null) return `${given}; the verdict neither confirms nor withdraws it.`;
  return `A rollback is recommended before the window is over, ${minute} min after finish. ${summary}`;
}
