import { appendFileSync } from 'node:fs';
import type { Environment } from '../settings.ts';

/** The variable in which the steps of a job find the deployment. */
export const ID_VARIABLE = 'SEQPULSE_DEPLOYMENT_ID';
/** Its value where nothing is watched, so that the later steps know: an absent one is a mistake. */
export const UNWATCHED = 'unwatched';

/**
 * Hands a deployment's id on to the steps that come later, in all the ways that this CI has. Throws when a file that was
 * asked for (`dotenv`) can't be written.
 */
export function handOn(id: string | null, env: Environment, dotenv: string | null): void {
  const value = id ?? UNWATCHED;
  if (env.GITHUB_ENV) appendFileSync(env.GITHUB_ENV, `${ID_VARIABLE}=${value}\n`);
  if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `deployment-id=${id ?? ''}\n`);
  if (env.CIRCLECI === 'true' && env.BASH_ENV) appendFileSync(env.BASH_ENV, `export ${ID_VARIABLE}=${value}\n`);
  if (dotenv !== null) appendFileSync(dotenv, `${ID_VARIABLE}=${value}\n`);
}
