import type { SecretBox } from '../../data-folder/secret-box.ts';
import type { PrometheusCredentials, PrometheusSource } from '../../model/source.ts';

export const NO_CREDENTIALS: PrometheusCredentials = { auth: { type: 'none' }, headers: {} };

/** Bound to the project and to what they are: an HMAC secret can not be put in their place. */
const contextOf = (projectId: string) => `${projectId}/prometheus`;

/** null where there is nothing to hide. Headers are secrets too: some are keys. */
export function sealCredentials(
  secretBox: SecretBox,
  projectId: string,
  credentials: PrometheusCredentials,
): Buffer | null {
  if (credentials.auth.type === 'none' && Object.keys(credentials.headers).length === 0) return null;
  return secretBox.seal(JSON.stringify(credentials), contextOf(projectId));
}

/** Throws when they were sealed with another key. */
export function openCredentials(
  secretBox: SecretBox,
  { projectId, sealedCredentials }: Pick<PrometheusSource, 'projectId' | 'sealedCredentials'>,
): PrometheusCredentials {
  if (sealedCredentials === null) return NO_CREDENTIALS;
  return JSON.parse(secretBox.open(sealedCredentials, contextOf(projectId))) as PrometheusCredentials;
}
