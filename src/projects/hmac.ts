import { type Refusal, refuse } from '../model/refusal.ts';
import type { ProjectDeps } from './deps.ts';
import { newHmacSecret } from './keys.ts';

/** Switches signed requests on, or gives them a new secret; it is shown this once and stored encrypted. */
export async function enableHmac(deps: ProjectDeps, projectId: string): Promise<{ hmacSecret: string } | Refusal> {
  const hmacSecret = newHmacSecret(deps.randomHex);
  const stored = await deps.db.projects.setHmacSecret(projectId, deps.secretBox.seal(hmacSecret, projectId));
  if (!stored) return refuse('NOT_FOUND', 'There is no such project.');
  deps.log.info({ event: 'hmac_enabled', project_id: projectId }, 'HMAC secret set');
  return { hmacSecret };
}

export async function disableHmac(deps: ProjectDeps, projectId: string): Promise<Refusal | null> {
  if (!(await deps.db.projects.setHmacSecret(projectId, null))) return refuse('NOT_FOUND', 'There is no such project.');
  deps.log.info({ event: 'hmac_disabled', project_id: projectId }, 'HMAC switched off');
  return null;
}
