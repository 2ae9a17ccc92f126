import type { MessageEvent, OccurrenceFacts } from '../model/notification.ts';
import type { Report } from '../report/report.ts';

export function titleOf(event: MessageEvent, report: Report): string {
  const place = `${report.project} #${report.number} in ${report.env}`;
  if (event === 'early_rollback') return `Early rollback: ${place}`;
  if (event === 'late_attention') return `Worse since its verdict: ${place}`;
  if (event === 'early_not_confirmed') return `Early rollback not confirmed: ${place}`;
  if (event === 'environment_bad') return `Worse since ${place}`;
  return event === 'environment_recovered' ? `Recovered: ${place}` : report.title;
}

/** Facts of the samples alone: which metric, since when, and what moved with it. */
export function lookFirst({ lookFirst: first, metrics }: Report, failedCount: number): string[] {
  if (first === null) return [];
  const others = metrics
    .filter(({ outcome, metric }) => outcome === 'failed' && metric !== first.metric)
    .map(({ name, change }) => (change === null ? name : `${name} ${change}`));
  const along = failedCount > 1 && others.length > 0 ? ` What moved as well: ${others.join(', ')}.` : '';
  return [`Look first at ${first.name}: ${first.text} (UTC).${along}`];
}

export function environmentNotes({ environment }: OccurrenceFacts, env: string | null): string[] {
  if (environment === undefined || env === null) return [];
  if (environment.changed) return [environment.state === 'bad' ? `${env} was good before.` : `${env} was bad before.`];
  return environment.state === 'bad' ? [`${env} has been bad before this deployment.`] : [];
}
