import { doraAnswer, doraPageAnswer, doraPageQuery, doraQuery } from './dora-schema.ts';
import { finishDeployment, triggerDeployment } from './handlers/ci.ts';
import { listDeployments, readDeployment, readSamples } from './handlers/deployments.ts';
import { readDora, readProjectDora } from './handlers/dora.ts';
import { databaseCheck, health, live, ready, schedulerHealth } from './handlers/health.ts';
import { readOpenApi } from './handlers/open-api.ts';
import { readOwnProject } from './handlers/own-project.ts';
import {
  deleteHmac,
  deleteProject,
  listProjects,
  patchProject,
  postApiKey,
  postEndpointTest,
  postHmac,
  postProject,
  putEndpoint,
  readFeedback,
  readProject,
} from './handlers/projects.ts';
import { postSourceTest, putSource, readSource } from './handlers/sources.ts';
import { postFeedback, postRejudge, readAaCheck } from './handlers/verdicts.ts';
import { NOTIFICATION_ROUTES } from './notification-routes.ts';
import { OPERATOR_ROUTES } from './operator-routes.ts';
import { type Route, route } from './request.ts';
import * as s from './schemas.ts';
import { sourceBody } from './source-schema.ts';

/** Of what is served in another way than by the table. */
const neverAsked = () => Promise.reject(new Error('served by src/http/otlp/'));

/** Every route of the API; those of the pages are in page-routes.ts. */
export const ROUTES: readonly Route[] = [
  // CI
  route({
    method: 'POST',
    path: '/deployments/trigger',
    access: 'ci',
    body: s.triggerBody,
    headers: s.triggerHeaders,
    handle: triggerDeployment,
  }),
  route({ method: 'POST', path: '/deployments/finish', access: 'ci', body: s.finishBody, handle: finishDeployment }),
  // Reading: CI its own project, operators all
  route({ method: 'GET', path: '/deployments', access: 'either', query: s.deploymentsQuery, handle: listDeployments }),
  route({
    method: 'GET',
    path: '/deployments/{id}',
    access: 'either',
    query: s.deploymentQuery,
    handle: readDeployment,
  }),
  route({ method: 'GET', path: '/deployments/{id}/metrics', access: 'either', handle: readSamples }),
  // Whose key is this?
  route({ method: 'GET', path: '/project', access: 'ci', handle: readOwnProject }),
  // Trust in a verdict: the same callers
  route({
    method: 'POST',
    path: '/deployments/{id}/rejudge',
    access: 'either',
    body: s.rejudgeBody,
    handle: postRejudge,
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/feedback',
    access: 'either',
    body: s.feedbackBody,
    handle: postFeedback,
  }),
  route({ method: 'GET', path: '/projects/{id}/feedback', access: 'either', handle: readFeedback }),
  route({
    method: 'GET',
    path: '/projects/{id}/aa-check',
    access: 'either',
    query: s.aaCheckQuery,
    handle: readAaCheck,
  }),
  // Measurements that are pushed: src/http/otlp/
  route({ method: 'POST', path: '/v1/metrics', access: 'otlp', handle: neverAsked }),
  // Operators
  route({ method: 'POST', path: '/projects', access: 'operator', body: s.newProjectBody, handle: postProject }),
  route({ method: 'GET', path: '/projects', access: 'operator', query: s.pageQuery, handle: listProjects }),
  route({ method: 'GET', path: '/projects/{id}', access: 'operator', handle: readProject }),
  route({
    method: 'PATCH',
    path: '/projects/{id}',
    access: 'operator',
    body: s.projectChangeBody,
    handle: patchProject,
  }),
  route({ method: 'DELETE', path: '/projects/{id}', access: 'operator', handle: deleteProject }),
  route({
    method: 'POST',
    path: '/projects/{id}/api-key',
    access: 'operator',
    body: s.rotateKeyBody,
    handle: postApiKey,
  }),
  route({
    method: 'PUT',
    path: '/projects/{id}/endpoint',
    access: 'operator',
    body: s.endpointBody,
    handle: putEndpoint,
  }),
  route({
    method: 'POST',
    path: '/projects/{id}/endpoint/test',
    access: 'operator',
    body: s.endpointTestBody,
    handle: postEndpointTest,
  }),
  route({ method: 'PUT', path: '/projects/{id}/source', access: 'operator', body: sourceBody, handle: putSource }),
  route({ method: 'GET', path: '/projects/{id}/source', access: 'operator', query: s.sourceQuery, handle: readSource }),
  route({
    method: 'POST',
    path: '/projects/{id}/source/test',
    access: 'operator',
    body: s.endpointTestBody,
    handle: postSourceTest,
  }),
  route({ method: 'POST', path: '/projects/{id}/hmac', access: 'operator', handle: postHmac }),
  route({ method: 'DELETE', path: '/projects/{id}/hmac', access: 'operator', handle: deleteHmac }),
  route({
    method: 'GET',
    path: '/projects/{id}/dora',
    access: 'operator',
    query: doraQuery,
    response: doraAnswer,
    handle: readProjectDora,
  }),
  route({
    method: 'GET',
    path: '/dora',
    access: 'operator',
    query: doraPageQuery,
    response: doraPageAnswer,
    handle: readDora,
  }),
  ...NOTIFICATION_ROUTES,
  ...OPERATOR_ROUTES,
  // Health and telemetry: no credentials, no secrets
  route({ method: 'GET', path: '/health', access: 'open', handle: health }),
  route({ method: 'GET', path: '/health/scheduler', access: 'open', handle: schedulerHealth }),
  route({ method: 'GET', path: '/db-check', access: 'open', handle: databaseCheck }),
  route({ method: 'GET', path: '/livez', access: 'open', handle: live }),
  route({ method: 'GET', path: '/readyz', access: 'open', handle: ready }),
  route({ method: 'GET', path: '/openapi.json', access: 'open', handle: readOpenApi }),
  route({ method: 'GET', path: '/metrics', access: 'open', handle: async (deps) => await deps.scrape() }),
];
