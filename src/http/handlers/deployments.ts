import type { z } from 'zod';
import type { DeploymentView } from '../../model/deployment.ts';
import type { HttpDeps } from '../deps.ts';
import { pathId, visibleProject } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import { HttpProblem } from '../problems.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { deploymentsQuery } from '../schemas.ts';
import { showDeployment, showSample } from '../views.ts';

export async function listDeployments(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof deploymentsQuery>>,
): Promise<Reply> {
  const { limit, cursor, env, project_id, verdict } = request.query;
  const rows = await deps.lifecycle.db.deploymentReads.list({
    projectId: visibleProject(request.caller, project_id),
    env,
    verdict,
    limit: limit + 1,
    after: decodeCursor(cursor),
  });
  const keyOf = (row: DeploymentView) => ({ at: row.startedAt, id: row.id });
  return { status: 200, body: toPage(rows, limit, keyOf, (row) => showDeployment(deps, row)) };
}

export async function readDeployment(deps: HttpDeps, request: ParsedRequest<undefined, undefined>): Promise<Reply> {
  const found = await find(deps, request);
  return { status: 200, body: showDeployment(deps, found), deploymentId: found.id };
}

export async function readSamples(deps: HttpDeps, request: ParsedRequest<undefined, undefined>): Promise<Reply> {
  const found = await find(deps, request);
  const samples = await deps.lifecycle.db.samples.listOf(found.id);
  return { status: 200, body: { samples: samples.map(showSample) }, deploymentId: found.id };
}

async function find(deps: HttpDeps, request: ParsedRequest<undefined, undefined>) {
  const id = pathId(request.params, 'deployment');
  const found = await deps.lifecycle.db.deploymentReads.find(id, visibleProject(request.caller, null));
  if (found === null) throw new HttpProblem('NOT_FOUND', 'There is no such deployment.');
  return found;
}
