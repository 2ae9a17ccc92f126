import type { z } from 'zod';
import { findSource, setSource, testSource } from '../../projects/sources.ts';
import { placeFacts } from '../audit-before.ts';
import type { HttpDeps } from '../deps.ts';
import { orThrow, pathId } from '../outcome.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { endpointTestBody, sourceQuery } from '../schemas.ts';
import type { sourceBody } from '../source-schema.ts';
import { showPlace, showTest } from '../source-views.ts';

export async function putSource(
  deps: HttpDeps,
  request: ParsedRequest<z.output<typeof sourceBody>, undefined>,
): Promise<Reply> {
  const { env, source } = request.body;
  const projectId = pathId(request.params, 'project');
  const { place, before } = orThrow(await setSource(deps.projects, projectId, env, source));
  const body = showPlace(deps.projects.secretBox, projectId, place);
  return { status: 200, body, before: placeFacts(before) };
}

export async function readSource(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof sourceQuery>>,
): Promise<Reply> {
  const projectId = pathId(request.params, 'project');
  const place = orThrow(await findSource(deps.projects, projectId, request.query.env));
  return { status: 200, body: showPlace(deps.projects.secretBox, projectId, place) };
}

export async function postSourceTest(
  deps: HttpDeps,
  request: ParsedRequest<z.output<typeof endpointTestBody>, undefined>,
): Promise<Reply> {
  const projectId = pathId(request.params, 'project');
  const { place, examination } = orThrow(await testSource(deps.projects, projectId, request.body.env));
  const shown = showPlace(deps.projects.secretBox, projectId, place);
  return { status: 200, body: examination === null ? shown : { ...shown, ...showTest(examination) } };
}
