import type { z } from 'zod';
import { earlyOf } from '../../model/awaited.ts';
import type { DeploymentView } from '../../model/deployment.ts';
import type { HttpDeps } from '../deps.ts';
import { JSON_TYPE } from '../json-type.ts';
import { pathId, visibleProject } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import { HttpProblem } from '../problems.ts';
import type { Caller, ParsedRequest, Reply } from '../request.ts';
import type { deploymentQuery, deploymentsQuery } from '../schemas.ts';
import { showDeployment, showSample, showSummary } from '../views.ts';
import type { Waiter } from '../waiting.ts';

export async function listDeployments(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof deploymentsQuery>>,
): Promise<Reply> {
  const { limit, cursor, env, project_id, verdict, view } = request.query;
  const rows = await deps.lifecycle.db.deploymentReads.list({
    projectId: visibleProject(request.caller, project_id),
    env,
    verdict,
    limit: limit + 1,
    after: decodeCursor(cursor),
  });
  const keyOf = (row: DeploymentView) => ({ at: row.startedAt, id: row.id });
  return {
    status: 200,
    body: toPage(rows, limit, keyOf, (row) =>
      view === 'summary' ? showSummary(deps, row, request.caller) : showDeployment(deps, row, request.caller),
    ),
  };
}

/**
 * With `?wait` it answers when the deployment has ended (analyzed, abandoned), with `until=preliminary` also at an early
 * verdict, when that many seconds are over, or when the service stops: with what there is then.
 */
export async function readDeployment(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof deploymentQuery>>,
): Promise<Reply> {
  const { wait, until } = request.query;
  if (wait === 0) return show(deps, await find(deps, request), request.caller);
  const id = pathId(request.params, 'deployment');
  // Before the first look: an end between the look and the entry would be missed.
  const waiter = deps.waiting.enter(until === 'preliminary' ? earlyOf(id) : id, wait * 1000);
  // At once: a client that goes during the first look would keep its place until its time is over.
  request.onClientGone(() => waiter?.leave());
  // What was found is kept by neither frame: thousands would keep it for as long as they wait.
  const reply = await answerAtOnce(deps, request, waiter);
  return reply ?? waitForEnd(deps, request, id, waiter);
}

/** What needs no waiting, errors among it; null: it is to be waited for. */
async function answerAtOnce(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof deploymentQuery>>,
  waiter: Waiter<DeploymentView> | null,
): Promise<Reply | null> {
  try {
    const found = await find(deps, request);
    const isEnd = isOver(found, request.query.until);
    if (!isEnd && waiter !== null) return null;
    waiter?.leave();
    if (isEnd) return show(deps, found, request.caller);
  } catch (error) {
    waiter?.leave();
    throw error;
  }
  throw new HttpProblem(
    'TOO_MANY_WAITING',
    'As many requests wait as this service lets. Ask again shortly, or without wait.',
    { headers: { 'Retry-After': '10' } },
  );
}

async function waitForEnd(
  deps: HttpDeps,
  { caller }: Pick<ParsedRequest<undefined, unknown>, 'caller'>,
  id: string,
  waiter: Waiter<DeploymentView> | null,
): Promise<Reply> {
  const startedAt = performance.now();
  const told = await waiter?.over;
  const waitedMs = performance.now() - startedAt;
  try {
    const now = told ?? (await deps.findDeployment(id));
    if (now === null) throw new HttpProblem('NOT_FOUND', 'There is no such deployment.');
    return { ...showToAll(deps, now, caller), waitedMs };
  } finally {
    waiter?.answered();
  }
}

type Until = z.output<typeof deploymentQuery>['until'];

const hasEnded = ({ state }: DeploymentView): boolean => state === 'analyzed' || state === 'abandoned';

const isOver = (deployment: DeploymentView, until: Until): boolean =>
  hasEnded(deployment) || (until === 'preliminary' && deployment.preliminary !== null);

function show(deps: HttpDeps, deployment: DeploymentView, caller: Caller): Reply {
  return {
    status: 200,
    body: showDeployment(deps, deployment, caller),
    deploymentId: deployment.id,
  };
}

/** Of thousands who wait for one deployment all get the same text: as many texts would keep the loop busy for a second. */
function showToAll(deps: HttpDeps, deployment: DeploymentView, caller: Caller): Reply {
  // Thousands of CI jobs wait, a few operators; those are given other links.
  if (caller.kind !== 'project') return show(deps, deployment, caller);
  const body = deps.written.get(deployment) ?? JSON.stringify(showDeployment(deps, deployment, caller));
  deps.written.set(deployment, body);
  return { status: 200, body, contentType: JSON_TYPE, deploymentId: deployment.id };
}

export async function readSamples(deps: HttpDeps, request: ParsedRequest<undefined, undefined>): Promise<Reply> {
  const found = await find(deps, request);
  const samples = await deps.lifecycle.db.samples.listOf(found.id);
  return { status: 200, body: { samples: samples.map(showSample) }, deploymentId: found.id };
}

async function find(deps: HttpDeps, request: ParsedRequest<undefined, unknown>) {
  const id = pathId(request.params, 'deployment');
  const found = await deps.lifecycle.db.deploymentReads.find(id, visibleProject(request.caller, null));
  if (found === null) throw new HttpProblem('NOT_FOUND', 'There is no such deployment.');
  return found;
}
