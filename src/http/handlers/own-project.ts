import { readEnvironments } from '../../projects/environments.ts';
import type { HttpDeps } from '../deps.ts';
import { callerProject, noSuchProject } from '../outcome.ts';
import { showOwnProject } from '../project-views.ts';
import type { ParsedRequest, Reply } from '../request.ts';

/** Whose key it is, and how reading its environments has been going: what one asks before the first deployment. */
export async function readOwnProject(deps: HttpDeps, request: ParsedRequest<undefined, undefined>): Promise<Reply> {
  const id = callerProject(request.caller);
  const project = await deps.projects.db.projects.find(id);
  // Deleted between the look at the key and this one.
  if (project === null) throw noSuchProject();
  return { status: 200, body: showOwnProject(project, await readEnvironments(deps.projects, id)) };
}
