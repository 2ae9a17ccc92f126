import type { z } from 'zod';
import { finish } from '../../lifecycle/finish.ts';
import { trigger } from '../../lifecycle/trigger.ts';
import type { HttpDeps } from '../deps.ts';
import { callerProject, orThrow } from '../outcome.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { finishBody, triggerBody, triggerHeaders } from '../schemas.ts';

export async function triggerDeployment(
  deps: HttpDeps,
  request: ParsedRequest<z.output<typeof triggerBody>, undefined, z.output<typeof triggerHeaders>>,
): Promise<Reply> {
  const { body } = request;
  const triggered = orThrow(
    await trigger(deps.lifecycle, {
      projectId: callerProject(request.caller),
      env: body.env,
      idempotencyKey: request.headers['x-idempotency-key'] ?? body.idempotency_key,
      origin: {
        branch: body.branch,
        version: body.version,
        commitSha: body.commit_sha,
        commitTime: body.commit_time,
        buildUrl: body.build_url,
        actor: body.actor,
        service: body.service,
      },
      supersede: body.supersede,
      metricsEndpoint: body.metrics_endpoint,
    }),
  );
  const { deploymentId, status, message } = triggered;
  return { status: 200, body: { deployment_id: deploymentId, status, message }, deploymentId };
}

export async function finishDeployment(
  deps: HttpDeps,
  request: ParsedRequest<z.output<typeof finishBody>, undefined>,
): Promise<Reply> {
  const { body } = request;
  const finished = orThrow(
    await finish(deps.lifecycle, {
      projectId: callerProject(request.caller),
      deploymentId: body.deployment_id.toLowerCase(),
      outcome: body.result,
      facts: {
        ...(body.instances === null ? {} : { instances: body.instances }),
        ...(body.traffic_share === null ? {} : { trafficShare: body.traffic_share }),
      },
      metricsEndpoint: body.metrics_endpoint,
    }),
  );
  return { status: 200, body: finished, deploymentId: body.deployment_id };
}
