import type { Endpoint } from '../model/project.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import type { ProjectDeps } from './deps.ts';
import { RETRY_AFTER_SECONDS } from './test-slots.ts';

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

/** Why a test failed: the refusal, and what an operator may want to allow. */
export interface FailedTest {
  readonly refusal: Refusal;
  /** Addresses that were met and may not be read; empty where that is not the reason. */
  readonly refusedAddresses: readonly string[];
}

/**
 * Reads the candidate once (without one, the active endpoint); on success it becomes the active one. On failure
 * the old one stays and ENDPOINT_TEST_FAILED says why. ENDPOINT_TESTS_BUSY: it was not read, too many others are.
 */
export async function testEndpoint(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<Endpoint | Refusal> {
  const outcome = await tryEndpoint(deps, projectId, env);
  return 'refusal' in outcome ? outcome.refusal : outcome;
}

/** As `testEndpoint`, with the addresses that were refused. */
export async function tryEndpoint(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<Endpoint | FailedTest> {
  const missing = await checkProjectAndEnv(deps, projectId, env);
  if (missing !== null) return failedTest(missing);
  const endpoint = await deps.db.endpoints.find(projectId, env);
  const url = endpoint?.candidateUrl ?? endpoint?.activeUrl ?? null;
  if (url === null) {
    return failedTest(refuse('ENDPOINT_NOT_SET', 'Set an endpoint first: PUT /projects/{id}/endpoint.'));
  }
  const tested = deps.testSlots.run(async () => await readAndRecord(deps, projectId, env, url));
  return tested === null ? failedTest(TOO_MANY_TESTS) : await tested;
}

export const TOO_MANY_TESTS: Refusal = {
  ...refuse('ENDPOINT_TESTS_BUSY', 'The endpoint was not tested: too many tests are under way. Test it again shortly.'),
  retryAfterSeconds: RETRY_AFTER_SECONDS,
};

async function readAndRecord(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
  url: string,
): Promise<Endpoint | FailedTest> {
  const sealedSecret = await deps.db.projects.findHmacSecret(projectId);
  const reading = await deps.sources.readNow({ kind: 'pull', projectId, url, sealedSecret });
  const at = new Date(deps.now());
  if (reading.outcome !== 'ok') {
    await deps.db.endpoints.recordFailedTest(projectId, env, url, reading.reason, at);
    const detail = `The metrics endpoint could not be read: ${reading.reason}.`;
    return failedTest(refuse('ENDPOINT_TEST_FAILED', detail), reading.addresses);
  }
  await deps.db.endpoints.activate(projectId, env, url, at);
  deps.log.info({ event: 'endpoint_activated', project_id: projectId, env }, 'metrics endpoint activated');
  return (await deps.db.endpoints.find(projectId, env)) ?? failedTest(refuse('NOT_FOUND', 'There is no such project.'));
}

function failedTest(refusal: Refusal, refusedAddresses: readonly string[] = []): FailedTest {
  return { refusal, refusedAddresses };
}

/** null: both are there. */
export async function checkProjectAndEnv(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<Refusal | null> {
  const project = await deps.db.projects.find(projectId);
  if (project === null) return refuse('NOT_FOUND', 'There is no such project.');
  if (env !== null && !project.envs.includes(env)) {
    return refuse('ENV_UNKNOWN', `The project has no environment ${JSON.stringify(env)}.`);
  }
  return null;
}
