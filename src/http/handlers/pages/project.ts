import { levelOf } from '../../../baseline/level.ts';
import type { DeploymentView } from '../../../model/deployment.ts';
import type { Project } from '../../../model/project.ts';
import { projectHref, projectPage } from '../../../pages/project-page.ts';
import type { ProjectPageInput } from '../../../pages/project-page-input.ts';
import type { MetricName, VerdictName } from '../../../verdict/types.ts';
import type { HttpDeps } from '../../deps.ts';
import { noSuchProject, pathId } from '../../outcome.ts';
import { page, redirect } from '../../pages/serve-page.ts';
import { decodeCursor, encodeCursor } from '../../pagination.ts';
import type { ParsedRequest, Reply } from '../../request.ts';
import { summaryOf } from './notifications.ts';
import { reportInList } from './overview.ts';
import { comparedNext, precisionText, quietCheck, settingsOf } from './project-facts.ts';
import { signInHref } from './sign-in.ts';

export interface ProjectQuery {
  readonly env: string | null;
  readonly verdict: VerdictName | null;
  readonly metric: MetricName | null;
  /** The number of the deployment that the list begins with. */
  readonly from: number | null;
  readonly cursor: string | null;
  readonly check: string | null;
}

/** Columns of the heatmap. */
const RECENT = 30;
const PAGE_SIZE = 25;
/** Notifications that are listed. */
const MAX_TOLD = 20;
/** Deployments that the environment's level is derived from. */
const LEVEL_DEPLOYMENTS = 200;
/** After every id: a list from a deployment on has it in it. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** A project: how an environment of it stands, its deployments as a heatmap and as a list, its settings, its trust. */
export async function readProjectPage(deps: HttpDeps, request: ParsedRequest<undefined, ProjectQuery>): Promise<Reply> {
  const id = pathId(request.params, 'project');
  if (!request.page?.operator) return redirect(signInHref(`/ui/projects/${id}`));
  const { db, now } = deps.lifecycle;
  const project = await db.projects.find(id);
  if (project === null) throw noSuchProject();
  const { query } = request;
  const env = chosenEnv(project, query.env);
  const [recent, history] = await Promise.all([
    db.deploymentReads.list({ projectId: id, env, verdict: null, limit: RECENT, after: null }),
    db.levelHistory.newestOf(id, env, LEVEL_DEPLOYMENTS),
  ]);
  const filter = { env, verdict: query.verdict, metric: query.metric };
  const rows = await list(deps, id, query, env);
  const shown = rows.items;
  const html = projectPage({
    project,
    filter,
    level: await levelNow(deps, id, env, history),
    recent: recent.toReversed().map((view) => reportInList(deps, view)),
    listed: shown.map((view) => reportInList(deps, view)),
    olderHref: rows.cursor === null ? null : projectHref(id, { ...filter, cursor: rows.cursor }, '#deps'),
    newestHref: query.cursor === null && query.from === null ? null : projectHref(id, filter, '#deps'),
    settings: await settingsOf(deps, project, env),
    precision: precisionText(await db.feedback.countsOf(id)),
    quiet: await quietCheck(deps, project, env, query.check === 'quiet'),
    told: await toldOf(deps, id),
    nowMs: now(),
    stylesheet: deps.pages.stylesheet.path,
  });
  return page(html);
}

async function toldOf({ notifications }: HttpDeps, id: string): Promise<ProjectPageInput['told']> {
  const whole = { limit: MAX_TOLD, after: null };
  const [own, all] = await Promise.all([
    notifications.db.channels.listOf(id, whole),
    notifications.db.channels.listOf(null, whole),
  ]);
  return { channels: own.map(summaryOf), ofAll: all.filter(({ enabled }) => enabled).length };
}

/** What is asked for, where the project has it; else `prod`; else the first. */
function chosenEnv({ envs }: Project, asked: string | null): string {
  if (asked !== null && envs.includes(asked)) return asked;
  return envs.includes('prod') ? 'prod' : (envs[0] ?? 'prod');
}

async function list(
  deps: HttpDeps,
  projectId: string,
  query: ProjectQuery,
  env: string,
): Promise<{ items: DeploymentView[]; cursor: string | null }> {
  const { db } = deps.lifecycle;
  const first = query.from === null ? null : await db.deploymentReads.startOf(projectId, query.from);
  const rows = await db.deploymentReads.list({
    projectId,
    env,
    verdict: query.verdict,
    failedMetric: query.metric,
    limit: PAGE_SIZE + 1,
    after: first === null ? decodeCursor(query.cursor) : { at: first, id: LAST_ID },
  });
  const items = rows.slice(0, PAGE_SIZE);
  const last = items.at(-1);
  const cursor =
    rows.length > PAGE_SIZE && last !== undefined ? encodeCursor({ at: last.startedAt, id: last.id }) : null;
  return { items, cursor };
}

type History = Parameters<typeof levelOf>[0];

/** Since which deployment the environment is as it is: the one that broke it, or the first good one after that. */
async function levelNow(
  deps: HttpDeps,
  projectId: string,
  env: string,
  history: History,
): Promise<ProjectPageInput['level']> {
  const { brokenBy } = levelOf(history, 0, deps.lifecycle.now());
  const named = (change: History[number]) => ({
    id: change.deploymentId,
    number: change.number,
    atMs: change.startedAtMs,
  });
  if (brokenBy !== null) {
    return { isBad: true, since: named(brokenBy), comparedWith: await comparedNext(deps, projectId, env) };
  }
  const telling = history.filter(({ judgement }) => judgement !== 'unknown');
  const lastBad = telling.findLastIndex(({ judgement }) => judgement === 'bad');
  const since = telling[lastBad + 1];
  return { isBad: false, since: since === undefined ? null : named(since), comparedWith: null };
}
