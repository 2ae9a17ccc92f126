import { calm } from './plain.ts';
import { hourMinute } from './times.ts';
import type { ReportedDeployment } from './wire.ts';

/** That nobody announced it, a sentence; null: CI began it. */
export function foundNote({
  origin,
  version,
  pipeline_result: result,
  started_at: startedAt,
}: ReportedDeployment): string | null {
  if (origin !== 'detected') return null;
  const name = calm(version ?? '');
  const short = name.length > 60 ? `${name.slice(0, 59)}…` : name;
  const who = result === null ? 'Nobody announced this deployment' : 'Nobody had announced this deployment yet';
  return `${who}: it was found by its version ${short}, which took requests from ${hourMinute(Date.parse(startedAt))} UTC on.`;
}
