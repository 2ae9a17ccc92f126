import type { Tables } from '../db/database.ts';
import { sourceOf } from '../db/source-rows.ts';
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
import { checkProjectAndEnv, TOO_MANY_TESTS, testEndpoint } from './endpoints.ts';

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

/**
 * Sets a candidate, which takes the place of another one of any kind; with what was set `before`. What is active stays
 * active until a test succeeds.
 */
export async function setSource(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
  source: NewSource,
): Promise<{ place: PlaceSources; before: PlaceSources } | Refusal> {
  const missing = await checkProjectAndEnv(deps, projectId, env);
  if (missing !== null) return missing;
  return await deps.db.transaction(async (tx) => {
    // A place may have no row yet: whoever sets one waits for the project's.
    if ((await tx.projects.lock(projectId)) === null) return refuse('NOT_FOUND', 'There is no such project.');
    const before = await readPlace(tx, projectId, env);
    if (source.kind === 'pull') {
      await tx.endpoints.setCandidate(projectId, env, source.url);
    } else {
      const sealedCredentials =
        source.kind === 'otlp' ? null : sealCredentials(deps.secretBox, projectId, source.credentials);
      await tx.sources.setCandidate(projectId, env, { settings: source.settings, sealedCredentials });
    }
    return { place: await readPlace(tx, projectId, env), before };
  });
}

/** Refuses with NOT_FOUND or ENV_UNKNOWN. */
export async function findSource(
  deps: ProjectDeps,
  projectId: string,
  env: string | null,
): Promise<PlaceSources | Refusal> {
  return (await checkProjectAndEnv(deps, projectId, env)) ?? (await readPlace(deps.db, projectId, env));
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
  return { place: await readPlace(deps.db, projectId, env), examination: null };
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
  return { place: await readPlace(deps.db, projectId, env), examination };
}

async function readPlace(
  db: Pick<Tables, 'sources' | 'endpoints'>,
  projectId: string,
  env: string | null,
): Promise<PlaceSources> {
  const asked = await db.sources.find(projectId, env);
  const endpoint = await db.endpoints.find(projectId, env);
  return { env, asked, endpoint };
}
