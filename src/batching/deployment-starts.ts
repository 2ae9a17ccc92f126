import { AsyncLocalStorage } from 'node:async_hooks';
import { isFaultOfOneRow } from '../db/connection/pool.ts';
import { Rollback, type Tables } from '../db/database.ts';
import type { DeploymentStart, DeploymentStarts, LifecycleDeps } from '../lifecycle/deps.ts';
import { endObservation } from '../lifecycle/observe.ts';
import { collectJobIds } from '../model/job.ts';

type Deps = Pick<LifecycleDeps, 'db' | 'jobs' | 'now'>;

interface Waiting {
  readonly start: DeploymentStart;
  readonly resolve: (number: number | null) => void;
  readonly reject: (error: unknown) => void;
  /** Runs what is given to it as part of the request that waits: its spans belong to that trace. */
  readonly inItsContext: <Result>(work: () => Result) => Result;
}

/** Starts in one transaction at the most: its statements stay short, whatever has piled up. */
const MAX_TOGETHER = 50;

/**
 * Starts that come while another is being stored wait for it, and are then stored together by one transaction: one
 * flush to the disk, and one of each statement, for all of them. A start that comes alone waits for nobody. A project's
 * row, where its numbers come from, is so held by one transaction of this process at a time.
 *
 * A start is in one mode at a time:
 *
 *   waiting    enters: it came, or was left over by a shared transaction.
 *              leaves: into `shared` with the others that wait, at most MAX_TOGETHER and one for each environment; or
 *              answered null, because another start of its environment has just been stored.
 *   shared     one transaction for several; there is one of these at a time (`storing`).
 *              leaves: answered (stored; or null, a rival was there first), or into `alone` or `held up`, each by itself.
 *   alone      a transaction of its own, side by side with everything else: the shared one broke on the data of one row,
 *              or another replica came between its look and its insert. Leaves: answered, or rejected with its own error.
 *   (A start that takes over from a dead run is `alone` from the beginning.)
 *   held up    somebody else holds the project's row (it is being deleted): one start waits for it in a transaction of
 *              its own, and the project's others stay `waiting`, passed over (`blocked`), until that one has its answer.
 *              Was that wait in vain, they are rejected with the same error.
 *
 * So nobody pays for somebody else's data, lock or rival.
 */
export function createDeploymentStarts(deps: Deps): DeploymentStarts {
  let waiting: Waiting[] = [];
  let storing = false;
  /** Projects whose row somebody else holds. */
  const blocked = new Set<string>();

  async function storeWaiting(): Promise<void> {
    if (storing) return;
    storing = true;
    try {
      for (let next = nextTogether(); next[0] !== undefined; next = nextTogether()) {
        const together = next;
        const done = await next[0].inItsContext(async () => await storeTogether(together));
        waiting = waiting.filter((one) => !done.has(one));
      }
    } catch (error) {
      // Nothing here is expected to throw. Should it, whoever waits is told rather than left waiting for ever.
      const left = waiting;
      waiting = [];
      for (const { reject } of left) reject(error);
    } finally {
      storing = false;
    }
  }

  /** The first ones that wait, one for each environment: of two, the second would only find the first one running. */
  function nextTogether(): readonly Waiting[] {
    const together = new Map<string, Waiting>();
    for (const one of waiting) {
      if (together.size >= MAX_TOGETHER) break;
      if (!together.has(placeOf(one)) && !blocked.has(projectOf(one))) together.set(placeOf(one), one);
    }
    return [...together.values()];
  }

  /** Never rejects, and is done with one at least: each of `together` has its answer, or is left for another try. */
  async function storeTogether(together: readonly Waiting[]): Promise<ReadonlySet<Waiting>> {
    try {
      const outcome = await storeStarts(deps, together.map(startOf), false);
      if (outcome === 'overtaken') return oneByOne(together);
      const { stored, taken, busy } = outcome;
      const answered = together.filter(({ start }) => stored.has(start) || taken.has(start));
      for (const { start, resolve } of answered) resolve(stored.get(start) ?? null);
      // Whoever waits for an environment that now has a running deployment need not try.
      const places = new Set(answered.map(placeOf));
      const rivals = waiting.filter((one) => places.has(placeOf(one)) && !answered.includes(one));
      for (const { resolve } of rivals) resolve(null);
      const firsts = new Map(together.filter(({ start }) => busy.has(start)).map((one) => [projectOf(one), one]));
      for (const [project, first] of firsts) void storeWhenFree(project, first);
      return new Set([...answered, ...rivals, ...firsts.values()]);
    } catch (error) {
      if (together.length > 1 && isFaultOfOneRow(error)) return oneByOne(together);
      for (const { reject } of together) reject(error);
      return new Set(together);
    }
  }

  /** Those that come after do not wait for these. */
  function oneByOne(alone: readonly Waiting[]): ReadonlySet<Waiting> {
    for (const one of alone) void storeByItself(one);
    return new Set(alone);
  }

  /** The others of this project wait for it; when it has waited in vain, they have too. */
  async function storeWhenFree(project: string, first: Waiting): Promise<void> {
    blocked.add(project);
    const error = await storeByItself(first);
    blocked.delete(project);
    if (error !== null && !isFaultOfOneRow(error)) {
      const inVain = waiting.filter((one) => projectOf(one) === project);
      waiting = waiting.filter((one) => projectOf(one) !== project);
      for (const { reject } of inVain) reject(error);
    }
    void storeWaiting();
  }

  /** Never rejects: resolves with what `one` was rejected with, or null. */
  async function storeByItself(one: Waiting): Promise<unknown> {
    try {
      one.resolve(await one.inItsContext(async () => await storeAlone(deps, one.start)));
      return null;
    } catch (error) {
      one.reject(error);
      return error;
    }
  }

  return {
    store: async (start) => {
      // Rare, and it needs the project's row whoever holds it.
      if (start.takesOver !== null) return await storeAlone(deps, start);
      return await new Promise((resolve, reject) => {
        waiting.push({ start, resolve, reject, inItsContext: AsyncLocalStorage.snapshot() });
        void storeWaiting();
      });
    },
  };
}

const startOf = (one: Waiting): DeploymentStart => one.start;
const projectOf = (one: Waiting): string => one.start.deployment.projectId;
const placeOf = (one: Waiting): string => `${projectOf(one)} ${one.start.deployment.env}`;

async function storeAlone(deps: Deps, start: DeploymentStart): Promise<number | null> {
  const outcome = await storeStarts(deps, [start], true);
  return outcome === 'overtaken' ? null : (outcome.stored.get(start) ?? null);
}

interface Outcome {
  readonly stored: ReadonlyMap<DeploymentStart, number>;
  /** A rival was there first. */
  readonly taken: ReadonlySet<DeploymentStart>;
  /** Somebody else holds the project's row. Always empty for who waits. */
  readonly busy: ReadonlySet<DeploymentStart>;
}

/**
 * One transaction for all of them that can be stored; the outcome names the others. `wait`: also for projects whose row
 * somebody else holds. "overtaken": a rival came between the look and the insert, and none is stored.
 *
 * Two replicas meet at a project's row all the time: were none stored for the sake of one, each meeting would cost
 * everybody who waits another transaction.
 */
async function storeStarts(
  deps: Deps,
  starts: readonly DeploymentStart[],
  wait: boolean,
): Promise<Outcome | 'overtaken'> {
  const deployments = starts.map(({ deployment }) => deployment);
  const jobs = starts.flatMap(({ preCollects }) => preCollects);
  const baselines = new Map(starts.map(({ deployment, baseline }) => [deployment, baseline]));
  return await deps.db.transaction(
    async (tx) => {
      for (const start of starts) await takeOver(deps, tx, start);
      // Each is sent without waiting for the one before: everybody who waits for this transaction waits for its round trips.
      const [inserted, ...others] = await Promise.allSettled([
        tx.deployments.insertRunning(deployments, wait),
        tx.deploymentBaselines.keep(baselines),
        deps.jobs.enqueue(tx.prepared, 'pre_collect', jobs),
      ]);
      if (inserted.status === 'rejected') throw inserted.reason;
      const { held, numbers, overtaken, superseded } = inserted.value;
      if (overtaken) throw new Rollback('overtaken');
      const outcome = outcomeOf(starts, held, numbers);
      if (numbers.size === 0) throw new Rollback(outcome);
      for (const other of others) if (other.status === 'rejected') throw other.reason;
      const notStored = starts.filter((start) => !outcome.stored.has(start));
      const inVain = notStored.flatMap(({ preCollects }) => preCollects.map(({ id }) => id));
      await Promise.all([deps.jobs.remove(tx.connection, 'pre_collect', inVain), endObservation(deps, tx, superseded)]);
      return outcome;
    },
    { beginAhead: true },
  );
}

async function takeOver(deps: Deps, tx: Tables, { deployment, takesOver }: DeploymentStart): Promise<void> {
  if (takesOver === null) return;
  const { id, projectId, startedAt } = deployment;
  const abandoned = await tx.deployments.takeOver(id, projectId, takesOver, startedAt);
  if (abandoned === null) return;
  const ids = collectJobIds(abandoned.id, 'pre_collect', abandoned.preExpected);
  await deps.jobs.cancel(tx.connection, 'pre_collect', ids);
}

function outcomeOf(
  starts: readonly DeploymentStart[],
  held: ReadonlySet<string>,
  numbers: ReadonlyMap<string, number>,
): Outcome {
  const missing = starts.filter(({ deployment }) => !numbers.has(deployment.id));
  return {
    stored: new Map(
      starts.flatMap((start) => {
        const number = numbers.get(start.deployment.id);
        return number === undefined ? [] : [[start, number] as const];
      }),
    ),
    taken: new Set(missing.filter(({ deployment }) => held.has(deployment.projectId))),
    busy: new Set(missing.filter(({ deployment }) => !held.has(deployment.projectId))),
  };
}
