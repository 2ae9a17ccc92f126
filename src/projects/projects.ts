import { Rollback } from '../db/database.ts';
import { sha256 } from '../model/digest.ts';
import type { BaselineMode, Project, ProjectChange } from '../model/project.ts';
import { isRefusal, type Refusal, refuse } from '../model/refusal.ts';
import type { Limits } from '../verdict/types.ts';
import type { ProjectDeps } from './deps.ts';
import { type FailedTest, setEndpoint, testEndpoint, tryEndpoint } from './endpoints.ts';
import { newApiKey } from './keys.ts';

export interface NewProject {
  readonly name: string;
  readonly envs: readonly string[];
  readonly metricsEndpoint: string | null;
  readonly observationWindowMinutes: number;
  readonly finishDeadlineMinutes: number;
  readonly baseline: BaselineMode;
  readonly limits: Partial<Limits>;
}

const NAME_TAKEN = refuse('PROJECT_NAME_TAKEN', 'Another project has this name.');
const NO_SUCH_PROJECT = refuse('NOT_FOUND', 'There is no such project.');

/**
 * A project with its first API key, which is shown this once. A metrics endpoint given along is a candidate and
 * tested at once; when that fails the project is there all the same, and `failedTest` says why it is not active.
 */
export async function createProject(
  deps: ProjectDeps,
  input: NewProject,
): Promise<{ project: Project; apiKey: string; failedTest: FailedTest | null } | Refusal> {
  const createdAt = new Date(deps.now());
  const project: Project = {
    id: deps.newId(),
    name: input.name,
    envs: [...input.envs].sort(),
    observationWindowMinutes: input.observationWindowMinutes,
    finishDeadlineMinutes: input.finishDeadlineMinutes,
    baseline: input.baseline,
    hmacEnabled: false,
    limits: input.limits,
    createdAt,
  };
  const apiKey = newApiKey(deps.randomHex);
  const stored = await deps.db.transaction(async (tx) => {
    if (!(await tx.projects.insert(project))) throw new Rollback(false);
    await tx.apiKeys.insert(sha256(apiKey), project.id, createdAt);
    if (input.metricsEndpoint !== null) await tx.endpoints.setCandidate(project.id, null, input.metricsEndpoint);
    return true;
  });
  if (!stored) return NAME_TAKEN;
  deps.log.info({ event: 'project_created', project_id: project.id }, 'project created');
  const tested = input.metricsEndpoint === null ? null : await tryEndpoint(deps, project.id, null);
  return { project, apiKey, failedTest: tested !== null && 'refusal' in tested ? tested : null };
}

/**
 * The changed project, and how it was before; NOT_FOUND or PROJECT_NAME_TAKEN. A metrics endpoint is set and tested
 * first, as by its own routes, unless it is the active one: when the test fails, nothing else is changed.
 */
export async function changeProject(
  deps: ProjectDeps,
  id: string,
  change: ProjectChange,
  metricsEndpoint: string | null,
): Promise<{ project: Project; before: Project } | Refusal> {
  if ((await deps.db.projects.find(id)) === null) return NO_SUCH_PROJECT;
  const active = metricsEndpoint === null ? null : await deps.db.endpoints.find(id, null);
  if (metricsEndpoint !== null && metricsEndpoint !== active?.activeUrl) {
    const set = await setEndpoint(deps, id, null, metricsEndpoint);
    const tested = isRefusal(set) ? set : await testEndpoint(deps, id, null);
    if (isRefusal(tested)) return tested;
  }
  return await deps.db
    .transaction(async (tx) => {
      const before = await tx.projects.lock(id);
      if (before === null) return NO_SUCH_PROJECT;
      if (!(await tx.projects.update(id, change))) return NAME_TAKEN;
      const project = await tx.projects.find(id);
      return project === null ? NO_SUCH_PROJECT : { project, before };
    })
    // Two renames to one name at the same moment: the unique constraint decides.
    .catch((error: { code?: string }) => {
      if (error.code === '23505') return NAME_TAKEN;
      throw error;
    });
}

/** With everything that hangs on it; how it was. */
export async function removeProject({ db }: Pick<ProjectDeps, 'db'>, id: string): Promise<Project | Refusal> {
  return await db.transaction(async (tx) => {
    const before = await tx.projects.lock(id);
    return before !== null && (await tx.projects.remove(id)) ? before : NO_SUCH_PROJECT;
  });
}

/** A new API key, shown this once; the old ones go on for `keepOldHours`. */
export async function rotateApiKey(
  deps: ProjectDeps,
  id: string,
  keepOldHours: number,
): Promise<{ apiKey: string } | Refusal> {
  if ((await deps.db.projects.find(id)) === null) return NO_SUCH_PROJECT;
  const apiKey = newApiKey(deps.randomHex);
  const nowMs = deps.now();
  await deps.db.transaction(async (tx) => {
    await tx.apiKeys.expireAllOf(id, new Date(nowMs + keepOldHours * 3_600_000));
    await tx.apiKeys.insert(sha256(apiKey), id, new Date(nowMs));
  });
  deps.log.info({ event: 'api_key_rotated', project_id: id, keep_old_hours: keepOldHours }, 'API key rotated');
  return { apiKey };
}
