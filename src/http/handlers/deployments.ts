import type { z } from 'zod';
import type { DeploymentView } from '../../model/deployment.ts';
import type { HttpDeps } from '../deps.ts';
import { JSON_TYPE } from '../json-type.ts';
import { pathId, visibleProject } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import { HttpProblem } from '../problems.ts';
import type { Caller, ParsedRequest, Reply } from '../request.ts';
import type { deploymentQuery, deploymentsQuery } from '../schemas.ts';
import { showDeployment, showSample, showSummary } from '../views.ts';
import { earlyOf } from '../waiting.ts';

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
  const show = view === 'summary' ? showSummary : showDeployment;
  return { status: 200, body: toPage(rows, limit, keyOf, (row) => show(deps, row, request.caller)) };
}

/**
 * With `?wait` it answers when the deployment has ended (analyzed, abandoned), with `until=preliminary` also at an early
 * verdict, when that many seconds are over, or when the service stops: with what there is then.
 */
export async function readDeployment(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof deploymentQuery>>,
): Promise<Reply> {
  const found = await find(deps, request);
  const { wait, until } = request.query;
  if (wait === 0 || isOver(found, until)) return show(deps, found, request.caller);
  // Not awaited here: this frame would keep what was found for as long as it waits, thousands of times.
  return waitForEnd(deps, request, found.id, wait, until);
}

async function waitForEnd(
  deps: HttpDeps,
  request: Pick<ParsedRequest<undefined, unknown>, 'onClientGone' | 'caller'>,
  id: string,
  seconds: number,
  until: Until,
): Promise<Reply> {
  const startedAt = performance.now();
  const waiter = deps.waiting.enter(until === 'preliminary' ? earlyOf(id) : id, seconds * 1000);
  if (waiter === null) {
    throw new HttpProblem(
      'TOO_MANY_WAITING',
      'As many requests wait as this service lets. Ask again shortly, or without wait.',
      {
        headers: { 'Retry-After': '10' },
      },
    );
  }
  request.onClientGone(() => waiter.leave());
  // Between the first look and the entry it may have ended.
  if (await overMeanwhile(deps, id, until)) waiter.leave();
  await waiter.over;
  const waitedMs = performance.now() - startedAt;
  try {
    const now = await deps.findDeployment(id);
    if (now === null) throw new HttpProblem('NOT_FOUND', 'There is no such deployment.');
    return { ...showToAll(deps, now, request.caller), waitedMs };
  } finally {
    waiter.answered();
  }
}

async function overMeanwhile(deps: HttpDeps, id: string, until: Until): Promise<boolean> {
  const now = await deps.findDeployment(id);
  return now !== null && isOver(now, until);
}

type Until = z.output<typeof deploymentQuery>['until'];

const hasEnded = ({ state }: DeploymentView): boolean => state === 'analyzed' || state === 'abandoned';

const isOver = (deployment: DeploymentView, until: Until): boolean =>
  hasEnded(deployment) || (until === 'preliminary' && deployment.preliminary !== null);

function show(deps: HttpDeps, deployment: DeploymentView, caller: Caller): Reply {
  return { status: 200, body: showDeployment(deps, deployment, caller), deploymentId: deployment.id };
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
