import type { Project } from '../model/project.ts';
import { isRefusal } from '../model/refusal.ts';
import { isOtlpSettings, type SourceSettings } from '../model/source.ts';
import { findSource, type PlaceSources } from '../projects/sources.ts';
import type { LimitsChange } from '../verdict/limits.ts';
import type { HttpDeps } from './deps.ts';
import { showLimits, wireLimits } from './limits.ts';
import { pathId } from './outcome.ts';
import { HttpProblem } from './problems.ts';
import type { ParsedRequest, Route } from './request.ts';

type Asked = Pick<ParsedRequest<unknown, unknown, unknown>, 'params' | 'body'>;
type Reader = (deps: HttpDeps, asked: Asked) => Promise<object | null>;

/** How what a change is about stands now, by the path of the change; by the names that the change is sent with. */
const READERS: Readonly<Record<string, Reader>> = {
  '/projects/{id}': async ({ lifecycle }, { params }) => {
    const project = await lifecycle.db.projects.find(pathId(params, 'project'));
    return project === null ? null : projectFacts(project);
  },
  '/projects/{id}/source': async ({ projects }, { params, body }) => {
    const { env = null } = (body ?? {}) as { readonly env?: string | null };
    const place = await findSource(projects, pathId(params, 'project'), env);
    return isRefusal(place) ? null : placeFacts(place);
  },
  '/operators/{id}': async ({ operators }, { params }) => {
    const id = pathId(params, 'operator');
    return (await operators.db.operators.list()).find((one) => one.id === id) ?? null;
  },
  '/projects/{id}/notifications/{notification_id}': async ({ notifications }, { params }) =>
    await notifications.db.channels.find(pathId(params, 'project'), pathId(params, 'notification', 'notification_id')),
  '/notifications/{notification_id}': async ({ notifications }, { params }) =>
    await notifications.db.channels.find(null, pathId(params, 'notification', 'notification_id')),
  '/deployments/{id}/feedback': async ({ lifecycle }, { params }) =>
    await lifecycle.db.feedback.find(pathId(params, 'deployment')),
};

/** A project, by the names that a change of it is sent with. */
export function projectFacts(project: Project): object {
  const { name, envs, baseline, limits } = project;
  return {
    name,
    envs,
    baseline,
    observation_window_minutes: project.observationWindowMinutes,
    finish_deadline_minutes: project.finishDeadlineMinutes,
    limits: showLimits(limits).limits,
  };
}

/** What is set at a place: the newest, tested or not. */
export function placeFacts({ env, asked, endpoint }: PlaceSources): object {
  const set = asked?.candidate ?? asked?.active;
  if (set != null) return { env, ...sourceFacts(set.settings) };
  const url = endpoint?.candidateUrl ?? endpoint?.activeUrl;
  return { env, kind: url == null ? null : 'pull' };
}

/**
 * How what a request is about to change stands: what is kept of it should the change never end. One that ends says itself
 * what it took the place of (`Reply.before`): another may come between this look and it. null: there is no such thing, or
 * nothing that could be shown.
 */
export async function readBefore(
  deps: HttpDeps,
  { method, path }: Pick<Route, 'method' | 'path'>,
  asked: Asked,
): Promise<object | null> {
  const reader = method === 'POST' && !path.endsWith('/feedback') ? undefined : READERS[path];
  if (reader === undefined) return null;
  try {
    return await reader(deps, asked);
  } catch (error) {
    // No such id: the action itself says so.
    if (error instanceof HttpProblem) return null;
    throw error;
  }
}

function sourceFacts(settings: SourceSettings): object {
  if (isOtlpSettings(settings)) return { kind: 'otlp' };
  return { kind: 'prometheus', preset: settings.preset, selector: settings.selector };
}

/** By the names that were sent: limits, and a source's fields beside each other. */
export function auditedBody({ method, path }: Pick<Route, 'method' | 'path'>, body: unknown): unknown {
  const { limits } = (body ?? {}) as { readonly limits?: LimitsChange };
  if (limits !== undefined) return { ...(body as object), limits: wireLimits(limits) };
  if (method !== 'PUT' || path !== '/projects/{id}/source') return body;
  const { source } = body as { readonly source?: { readonly kind: string; readonly settings?: object } };
  const { preset, selector } = (source?.settings ?? {}) as { readonly preset?: string; readonly selector?: string };
  return { ...(body as object), kind: source?.kind, preset, selector };
}
