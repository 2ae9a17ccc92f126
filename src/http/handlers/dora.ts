import type { z } from 'zod';
import { doraOfAll, doraOfProject } from '../../projects/dora.ts';
import type { HttpDeps } from '../deps.ts';
import {
  type doraPageQuery,
  type doraQuery,
  showDoraFigures,
  showDoraOfProject,
  showDoraWindow,
} from '../dora-schema.ts';
import { orThrow, pathId } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import type { ParsedRequest, Reply } from '../request.ts';

export async function readProjectDora(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof doraQuery>>,
): Promise<Reply> {
  const { days, env } = request.query;
  const found = orThrow(await doraOfProject(deps.projects, pathId(request.params, 'project'), { days, env }));
  return { status: 200, body: { ...showDoraWindow(found, days), ...showDoraOfProject(found, days) } };
}

export async function readDora(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof doraPageQuery>>,
): Promise<Reply> {
  const { days, env, limit, cursor } = request.query;
  const page = { limit: limit + 1, after: decodeCursor(cursor) };
  const found = await doraOfAll(deps.projects, { days, env }, page);
  const keyOf = ({ project }: (typeof found.projects)[number]) => ({ at: project.createdAt, id: project.id });
  const items = toPage(found.projects, limit, keyOf, (one) => showDoraOfProject(one, days));
  return { status: 200, body: { ...showDoraWindow(found, days), ...showDoraFigures(found.whole, days), ...items } };
}
