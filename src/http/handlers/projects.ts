import type { z } from 'zod';
import type { Project } from '../../model/project.ts';
import { setEndpoint, testEndpoint } from '../../projects/endpoints.ts';
import { disableHmac, enableHmac } from '../../projects/hmac.ts';
import { changeProject, createProject, removeProject, rotateApiKey } from '../../projects/projects.ts';
import { proposedLimits } from '../../verdict/limit-proposals.ts';
import { changedLimits, limitsOf } from '../../verdict/limits.ts';
import { summarizeFeedback } from '../../verdict/precision.ts';
import { projectFacts } from '../audit-before.ts';
import type { HttpDeps } from '../deps.ts';
import { showProposals } from '../limits.ts';
import { noSuchProject, orThrow, pathId, visibleProject } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import { showEndpoint, showFailedTest, showFeedbackSummary, showProject } from '../project-views.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import {
  type endpointBody,
  type endpointTestBody,
  type newProjectBody,
  type pageQuery,
  projectChangeBody,
  type rotateKeyBody,
} from '../schemas.ts';
import { refuseUnchangeable } from '../unchangeable.ts';

type WithBody<Schema extends z.ZodType> = ParsedRequest<z.output<Schema>, undefined>;
type Plain = ParsedRequest<undefined, undefined>;

export async function postProject(deps: HttpDeps, request: WithBody<typeof newProjectBody>): Promise<Reply> {
  const { body } = request;
  const { project, apiKey, failedTest } = orThrow(
    await createProject(deps.projects, {
      name: body.name,
      envs: body.envs,
      metricsEndpoint: body.metrics_endpoint,
      observationWindowMinutes: body.observation_window_minutes,
      finishDeadlineMinutes: body.finish_deadline_minutes,
      baseline: body.baseline,
      limits: changedLimits({}, body.limits),
    }),
  );
  return { status: 201, body: { ...showFailedTest(failedTest), ...(await show(deps, project)), api_key: apiKey } };
}

export async function listProjects(
  deps: HttpDeps,
  request: ParsedRequest<undefined, z.output<typeof pageQuery>>,
): Promise<Reply> {
  const { limit, cursor } = request.query;
  const projects = await deps.projects.db.projects.list(limit + 1, decodeCursor(cursor));
  const endpoints = await deps.projects.db.endpoints.listOfProjects(projects.map((project) => project.id));
  const page = toPage(
    projects,
    limit,
    (project) => ({ at: project.createdAt, id: project.id }),
    (project) => showProject(project, endpoints.get(project.id) ?? []),
  );
  return { status: 200, body: page };
}

export async function readProject(deps: HttpDeps, request: Plain): Promise<Reply> {
  const project = await deps.projects.db.projects.find(pathId(request.params, 'project'));
  if (project === null) throw noSuchProject();
  return { status: 200, body: await show(deps, project) };
}

/** What people said of a project's verdicts. Another project's key is told that there is none. */
export async function readFeedback(deps: HttpDeps, request: Plain): Promise<Reply> {
  const id = pathId(request.params, 'project');
  if (visibleProject(request.caller, id) !== id) throw noSuchProject();
  if ((await deps.projects.db.projects.find(id)) === null) throw noSuchProject();
  return { status: 200, body: await feedbackOf(deps, id) };
}

export async function patchProject(deps: HttpDeps, request: WithBody<typeof projectChangeBody>): Promise<Reply> {
  const { body } = request;
  const id = pathId(request.params, 'project');
  const before = await deps.projects.db.projects.find(id);
  if (before === null) throw noSuchProject();
  refuseUnchangeable(body, await show(deps, before), Object.keys(projectChangeBody.shape));
  const change = {
    name: body.name,
    envs: body.envs,
    observationWindowMinutes: body.observation_window_minutes,
    finishDeadlineMinutes: body.finish_deadline_minutes,
    baseline: body.baseline,
    limits: body.limits,
  };
  const changed = orThrow(await changeProject(deps.projects, id, change, body.metrics_endpoint));
  return { status: 200, body: await show(deps, changed.project), before: projectFacts(changed.before) };
}

export async function deleteProject(deps: HttpDeps, request: Plain): Promise<Reply> {
  const before = orThrow(await removeProject(deps.projects, pathId(request.params, 'project')));
  return { status: 204, before: projectFacts(before) };
}

export async function postApiKey(deps: HttpDeps, request: WithBody<typeof rotateKeyBody>): Promise<Reply> {
  const id = pathId(request.params, 'project');
  const { apiKey } = orThrow(await rotateApiKey(deps.projects, id, request.body.keep_old_hours));
  return { status: 200, body: { api_key: apiKey } };
}

export async function putEndpoint(deps: HttpDeps, request: WithBody<typeof endpointBody>): Promise<Reply> {
  const id = pathId(request.params, 'project');
  const endpoint = orThrow(await setEndpoint(deps.projects, id, request.body.env, request.body.url));
  return { status: 200, body: showEndpoint(endpoint) };
}

export async function postEndpointTest(deps: HttpDeps, request: WithBody<typeof endpointTestBody>): Promise<Reply> {
  const endpoint = orThrow(await testEndpoint(deps.projects, pathId(request.params, 'project'), request.body.env));
  return { status: 200, body: showEndpoint(endpoint) };
}

export async function postHmac(deps: HttpDeps, request: Plain): Promise<Reply> {
  const { hmacSecret } = orThrow(await enableHmac(deps.projects, pathId(request.params, 'project')));
  return { status: 200, body: { hmac_secret: hmacSecret } };
}

export async function deleteHmac(deps: HttpDeps, request: Plain): Promise<Reply> {
  const refusal = await disableHmac(deps.projects, pathId(request.params, 'project'));
  if (refusal !== null) orThrow(refusal);
  return { status: 204 };
}

async function show(deps: HttpDeps, project: Project): Promise<object> {
  const endpoints = await deps.projects.db.endpoints.listOfProjects([project.id]);
  const proposals = proposedLimits(
    await deps.projects.db.feedback.markedAlarmsOf(project.id),
    limitsOf(project.limits),
  );
  return {
    ...showProject(project, endpoints.get(project.id) ?? []),
    feedback: await feedbackOf(deps, project.id),
    proposed_limits: showProposals(proposals),
  };
}

async function feedbackOf(deps: HttpDeps, projectId: string): Promise<object> {
  return showFeedbackSummary(summarizeFeedback(await deps.projects.db.feedback.countsOf(projectId)));
}
