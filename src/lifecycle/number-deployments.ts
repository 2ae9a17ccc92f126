import type { LifecycleDeps } from './deps.ts';

/** Seconds after which a deployment without a number was left by a service that died, not by one that is at it. */
const LEFT_BEHIND_SECONDS = 60;
const BATCH = 200;

/** Gives numbers to deployments whose service died right after storing them. Returns how many. */
export async function numberDeployments(deps: Pick<LifecycleDeps, 'db' | 'log' | 'now'>): Promise<number> {
  const startedBefore = new Date(deps.now() - LEFT_BEHIND_SECONDS * 1000);
  const ids = await deps.db.deployments.findWithoutNumber(startedBefore, BATCH);
  for (const id of ids) {
    const number = await deps.db.deployments.assignNumber(id);
    deps.log.info({ event: 'deployment_numbered', deployment_id: id, number }, 'deployment got its number late');
  }
  return ids.length;
}
