import type { Endpoint } from '../model/project.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import type { ProjectDeps } from './deps.ts';

/** Sets a candidate; `env` null = the project's default. What is active stays active until a test succeeds. */
export async function setEndpoint(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
  url: string,
): Promise<Endpoint | Refusal> {
  const missing = await checkProjectAndEnv(deps, projectId, env);
  if (missing !== null) return missing;
  await deps.db.endpoints.setCandidate(projectId, env, url);
  return (await deps.db.endpoints.find(projectId, env)) ?? refuse('NOT_FOUND', 'There is no such project.');
}

/**
 * Reads the candidate once (without one, the active endpoint); on success it becomes the active one. On failure
 * the old one stays and ENDPOINT_TEST_FAILED says why.
 */
export async function testEndpoint(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<Endpoint | Refusal> {
  const missing = await checkProjectAndEnv(deps, projectId, env);
  if (missing !== null) return missing;
  const endpoint = await deps.db.endpoints.find(projectId, env);
  const url = endpoint?.candidateUrl ?? endpoint?.activeUrl ?? null;
  if (url === null) return refuse('ENDPOINT_NOT_SET', 'Set an endpoint first: PUT /projects/{id}/endpoint.');

  const sealedSecret = await deps.db.projects.findHmacSecret(projectId);
  const reading = await deps.sources.readNow({ kind: 'pull', projectId, url, sealedSecret });
  const at = new Date(deps.now());
  if (reading.outcome !== 'ok') {
    await deps.db.endpoints.recordFailedTest(projectId, env, url, reading.reason, at);
    return refuse('ENDPOINT_TEST_FAILED', `The metrics endpoint could not be read: ${reading.reason}.`);
  }
  await deps.db.endpoints.activate(projectId, env, url, at);
  deps.log.info({ event: 'endpoint_activated', project_id: projectId, env }, 'metrics endpoint activated');
  return (await deps.db.endpoints.find(projectId, env)) ?? refuse('NOT_FOUND', 'There is no such project.');
}

async function checkProjectAndEnv(deps: ProjectDeps, projectId: string, env: string | null): Promise<Refusal | null> {
  const project = await deps.db.projects.find(projectId);
  if (project === null) return refuse('NOT_FOUND', 'There is no such project.');
  if (env !== null && !project.envs.includes(env)) {
    return refuse('ENV_UNKNOWN', `The project has no environment ${JSON.stringify(env)}.`);
  }
  return null;
}
