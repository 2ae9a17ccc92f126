import type { Tables } from '../db/database.ts';
import type { EndedDeployment } from '../model/deployment.ts';
import { collectJobIds } from '../model/job.ts';
import type { LifecycleDeps } from './deps.ts';

type AbandonDeps = Pick<LifecycleDeps, 'db' | 'jobs' | 'log' | 'now'>;

/** Rows a statement: a long outage must not end in one transaction over everything. */
const BATCH = 200;

/**
 * running → abandoned for every deployment whose finish deadline has passed, so that a CI that died blocks no
 * environment for ever. A sweep over the table, not a job a deployment: two hours of "pending" for each would
 * hide the jobs that matter. Returns how many.
 */
export async function abandon(deps: AbandonDeps): Promise<number> {
  let total = 0;
  for (;;) {
    const ended = await deps.db.transaction(
      async (tx) => {
        const batch = await tx.deployments.abandonOverdue(new Date(deps.now()), BATCH);
        await cancelPreCollects(deps, tx, batch);
        return batch;
      },
      { durable: true },
    );
    announce(deps, ended);
    total += ended.length;
    if (ended.length < BATCH) return total;
  }
}

/**
 * The same for one deployment, for a request that meets it before the sweep does. Waits for whoever is at it, so
 * that it runs no more when this resolves.
 */
export async function abandonOne(deps: AbandonDeps, id: string): Promise<void> {
  const ended = await deps.db.transaction(
    async (tx) => {
      const one = await tx.deployments.abandonOne(id, new Date(deps.now()));
      if (one !== null) await cancelPreCollects(deps, tx, [one]);
      return one;
    },
    { durable: true },
  );
  if (ended !== null) announce(deps, [ended]);
}

async function cancelPreCollects(deps: AbandonDeps, tx: Tables, ended: readonly EndedDeployment[]): Promise<void> {
  const ids = ended.flatMap((one) => collectJobIds(one.id, 'pre_collect', one.preExpected));
  await deps.jobs.cancel(tx.connection, 'pre_collect', ids);
}

function announce(deps: AbandonDeps, ended: readonly EndedDeployment[]): void {
  for (const { id } of ended) {
    deps.log.warn(
      { event: 'deployment_abandoned', deployment_id: id },
      'deployment abandoned: finish did not come within the deadline',
    );
  }
}
