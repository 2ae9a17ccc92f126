import type { LifecycleDeps } from './deps.ts';

/** A look's share of a long past: some seconds of one connection, then others come first again. */
const MAX_STEPS = 20;

/**
 * Adds up what panels over all projects say (the tables kpi_hours, kpi_tally_hours and kpi_project_facts), a transaction a step. Whatever is not
 * done yet is read from the deployments as before, only slower: nothing hangs on when this runs. Returns the number of steps.
 */
export async function rollUp(deps: Pick<LifecycleDeps, 'db'>): Promise<number> {
  let steps = 0;
  for (const table of ['kpiHours', 'kpiTallies', 'kpiFacts'] as const) {
    for (let more = true, step = 0; more && step < MAX_STEPS; step += 1) {
      more = await deps.db.transaction(async (tx) => await tx[table].addUpSome());
      steps += 1;
    }
  }
  return steps;
}
