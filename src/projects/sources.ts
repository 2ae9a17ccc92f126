import { sourceOf } from '../db/sources.ts';
import type { Endpoint } from '../model/project.ts';
import { isRefusal, type Refusal, refuse } from '../model/refusal.ts';
import {
  type AskedSource,
  type OtlpSettings,
  type PrometheusCredentials,
  type PrometheusSettings,
  SETTLE_SECONDS,
  type StoredSettings,
} from '../model/source.ts';
import { sealCredentials } from '../sources/prometheus/credentials.ts';
import type { Examination } from '../sources/source.ts';
import type { ProjectDeps } from './deps.ts';
import { checkProjectAndEnv, setEndpoint, TOO_MANY_TESTS, testEndpoint } from './endpoints.ts';

export type NewSource =
  | { readonly kind: 'pull'; readonly url: string }
  | {
      readonly kind: 'prometheus';
      readonly settings: PrometheusSettings;
      readonly credentials: PrometheusCredentials;
    }
  | { readonly kind: 'otlp'; readonly settings: OtlpSettings };

/** What is set at a place (`env` null = the project's default), of either kind; null where nothing ever was. */
export interface PlaceSources {
  readonly env: string | null;
  readonly asked: AskedSource | null;
  readonly endpoint: Endpoint | null;
}

export interface TestedSource {
  readonly place: PlaceSources;
  /** null: an endpoint was tested; it is read as a whole. */
  readonly examination: Examination | null;
}

/** Sets a candidate, which takes the place of another one of any kind. What is active stays active until a test succeeds. */
export async function setSource(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
  source: NewSource,
): Promise<PlaceSources | Refusal> {
  if (source.kind === 'pull') {
    const endpoint = await setEndpoint(deps, projectId, env, source.url);
    return isRefusal(endpoint) ? endpoint : await readPlace(deps, projectId, env);
  }
  const missing = await checkProjectAndEnv(deps, projectId, env);
  if (missing !== null) return missing;
  const sealedCredentials =
    source.kind === 'otlp' ? null : sealCredentials(deps.secretBox, projectId, source.credentials);
  await deps.db.sources.setCandidate(projectId, env, { settings: source.settings, sealedCredentials });
  return await readPlace(deps, projectId, env);
}

/** Refuses with NOT_FOUND or ENV_UNKNOWN. */
export async function findSource(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<PlaceSources | Refusal> {
  return (await checkProjectAndEnv(deps, projectId, env)) ?? (await readPlace(deps, projectId, env));
}

/**
 * Reads the candidate as it would be read (without one, what is active). It becomes the active one when requests,
 * latency or errors could be read; else what was active stays, and SOURCE_TEST_FAILED says why, number by number.
 */
export async function testSource(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<TestedSource | Refusal> {
  const place = await findSource(deps, projectId, env);
  if (isRefusal(place)) return place;
  const { asked, endpoint } = place;
  const chosen =
    asked?.candidate ?? (endpoint === null || endpoint.candidateUrl === null ? (asked?.active ?? null) : null);
  if (chosen !== null) {
    const tested = deps.testSlots.run(async () => await testAsked(deps, projectId, env, chosen));
    return tested === null ? TOO_MANY_TESTS : await tested;
  }
  if (endpoint === null) return refuse('SOURCE_NOT_SET', 'Set a source first: PUT /projects/{id}/source.');
  const tested = await testEndpoint(deps, projectId, env);
  if (isRefusal(tested)) return tested;
  return { place: await readPlace(deps, projectId, env), examination: null };
}

async function testAsked(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
  { settings, sealedCredentials }: StoredSettings,
): Promise<TestedSource | Refusal> {
  const at = new Date(deps.now());
  const endMs = at.getTime() - SETTLE_SECONDS * 1_000;
  const source = sourceOf(projectId, env, { settings, sealedCredentials });
  const examination = await deps.sources.examine(source, endMs);
  if (examination.outcome !== 'examined') {
    await deps.db.sources.recordFailedTest(projectId, env, examination.reason, at);
    return refuse('SOURCE_TEST_FAILED', `The source could not be read: ${examination.reason}.`);
  }
  if (!examination.success) {
    const faults = examination.numbers.map(({ metric, query, problem }) => ({
      path: metric,
      message: `${problem ?? 'no requests'}${query === null || source.kind === 'otlp' ? '' : `; asked: ${query}`}`,
    }));
    const [first] = examination.numbers.flatMap(({ metric, problem }) =>
      metric === 'requests_per_sec' ? [problem] : [],
    );
    const reason = first ?? 'no number of requests, latency or errors could be read';
    await deps.db.sources.recordFailedTest(projectId, env, reason, at);
    return { ...refuse('SOURCE_TEST_FAILED', `The source answers, but tells nothing of requests: ${reason}.`), faults };
  }
  await deps.db.transaction(
    async (tx) => await tx.sources.activate(projectId, env, { settings, sealedCredentials }, examination.settings, at),
  );
  deps.log.info({ event: 'source_activated', project_id: projectId, env, kind: source.kind }, 'source activated');
  return { place: await readPlace(deps, projectId, env), examination };
}

async function readPlace(deps: ProjectDeps, projectId: string, env: string | null): Promise<PlaceSources> {
  const asked = await deps.db.sources.find(projectId, env);
  const endpoint = await deps.db.endpoints.find(projectId, env);
  return { env, asked, endpoint };
}
