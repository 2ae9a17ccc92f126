import type { DoraRow } from '../db/dora.ts';
import { type DoraFigures, NO_DEPLOYMENTS } from '../model/dora.ts';
import type { Project } from '../model/project.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import type { ProjectDeps } from './deps.ts';

const DAY_MS = 86_400_000;

type DoraDeps = Pick<ProjectDeps, 'db' | 'now'>;

/** The last `days` times 24 hours: the same length everywhere, whatever clocks are put forward or back meanwhile. */
export interface DoraQuestion {
  readonly days: number;
  /** null: all. */
  readonly env: string | null;
}

export interface DoraOfProject {
  readonly project: Project;
  /** All environments that were asked for together. */
  readonly whole: DoraFigures;
  /** By name: those that the project has, and those that it had deployments in. */
  readonly environments: readonly { readonly env: string; readonly figures: DoraFigures }[];
}

export interface DoraWindowed {
  readonly from: Date;
  readonly to: Date;
}

/** Refuses with NOT_FOUND, or ENV_UNKNOWN where the project has no such environment and had no deployment in it. */
export async function doraOfProject(
  deps: DoraDeps,
  projectId: string,
  question: DoraQuestion,
): Promise<(DoraWindowed & DoraOfProject) | Refusal> {
  const project = await deps.db.projects.find(projectId);
  if (project === null) return refuse('NOT_FOUND', 'There is no such project.');
  const window = windowOf(deps, question);
  const rows = await deps.db.dora.ofProjects([project.id], window);
  const { env } = question;
  if (env !== null && rows.length === 0 && !project.envs.includes(env)) {
    return refuse('ENV_UNKNOWN', `The project has no environment ${JSON.stringify(env)}.`);
  }
  return { from: window.from, to: window.to, ...ofProject(project, rows, env) };
}

/** A page of projects, newest first, and all projects together. `limit` and `after` as in the list of projects. */
export async function doraOfAll(
  deps: DoraDeps,
  question: DoraQuestion,
  page: { readonly limit: number; readonly after: { readonly at: Date; readonly id: string } | null },
): Promise<DoraWindowed & { readonly whole: DoraFigures; readonly projects: readonly DoraOfProject[] }> {
  const window = windowOf(deps, question);
  const projects = await deps.db.projects.list(page.limit, page.after);
  const ids = projects.map(({ id }) => id);
  const [whole, rows] = await Promise.all([deps.db.dora.ofAll(window), deps.db.dora.ofProjects(ids, window)]);
  const byProject = Map.groupBy(rows, ({ projectId }) => projectId);
  return {
    from: window.from,
    to: window.to,
    whole,
    projects: projects.map((project) => ofProject(project, byProject.get(project.id) ?? [], question.env)),
  };
}

function windowOf({ now }: DoraDeps, { days, env }: DoraQuestion) {
  const toMs = now();
  return { from: new Date(toMs - days * DAY_MS), to: new Date(toMs), env };
}

function ofProject(project: Project, rows: readonly DoraRow[], env: string | null): DoraOfProject {
  const figuresOf = (name: string | null) => rows.find((row) => row.env === name) ?? NO_DEPLOYMENTS;
  const known = [...project.envs, ...rows.flatMap((row) => row.env ?? [])];
  const names = [...new Set(known)].filter((name) => env === null || name === env).sort();
  return {
    project,
    whole: figuresOf(null),
    environments: names.map((name) => ({ env: name, figures: figuresOf(name) })),
  };
}
