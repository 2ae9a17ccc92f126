import { expect, test } from 'vitest';
import { createDeploymentStarts } from '../../src/batching/deployment-starts.ts';
import { Rollback, type Tables } from '../../src/db/database.ts';
import type { DeploymentStart, LifecycleDeps } from '../../src/lifecycle/deps.ts';

interface Asked {
  readonly inserts: string[][];
  readonly removed: string[][];
  readonly rescheduled: string[];
}

/** A database that stores whatever comes, projects aside whose row somebody else holds until they are waited for. */
function storesEverything(
  given: { readonly busy?: ReadonlySet<string>; readonly reschedule?: () => Promise<void> } = {},
): Pick<LifecycleDeps, 'db' | 'jobs' | 'now'> & { readonly asked: Asked } {
  const { busy = new Set<string>(), reschedule = async () => {} } = given;
  const asked: Asked = { inserts: [], removed: [], rescheduled: [] };
  const tx = {
    deployments: {
      insertRunning: async (deployments: readonly { id: string; projectId: string }[], wait: boolean) => {
        asked.inserts.push(deployments.map(({ id }) => id));
        const stored = deployments.filter(({ projectId }) => wait || !busy.has(projectId));
        return {
          held: new Set(stored.map(({ projectId }) => projectId)),
          numbers: new Map(stored.map(({ id }, index) => [id, index + 1])),
          overtaken: false,
          superseded: stored.map(({ id }) => ({ id: `before ${id}`, preExpected: 0, postExpected: 0 })),
        };
      },
    },
    deploymentBaselines: { keep: async () => {} },
  } as unknown as Tables;
  const db = {
    transaction: async (work: (tx: Tables) => Promise<unknown>) =>
      await work(tx).catch((error) => {
        if (error instanceof Rollback) return error.value;
        throw error;
      }),
  };
  const jobs = {
    enqueue: async () => {},
    cancel: async () => {},
    remove: async (_tx: unknown, _type: string, ids: string[]) => {
      if (ids.length > 0) asked.removed.push(ids);
    },
    reschedule: async (_tx: unknown, _type: string, id: string) => {
      asked.rescheduled.push(id);
      await reschedule();
    },
  };
  return { db, jobs, now: () => 0, asked } as unknown as ReturnType<typeof storesEverything>;
}

const startOf = (id: string, projectId = 'p'): DeploymentStart =>
  ({
    deployment: { id, projectId, env: id },
    baseline: [],
    preCollects: [{ id: `collect of ${id}` }],
    takesOver: null,
  }) as unknown as DeploymentStart;

test('a fault of ours in the middle of the queue is told to all that wait, and the next start is stored all the same', async () => {
  const starts = createDeploymentStarts(storesEverything());
  const broken = {
    takesOver: null,
    get deployment(): never {
      throw new Error('a fault of ours');
    },
  } as unknown as DeploymentStart;

  const answers = await Promise.allSettled([
    starts.store(startOf('a')),
    starts.store(broken),
    starts.store(startOf('b')),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await starts.store(startOf('c'))).toBe(1);
});

test('what one project holds up does not undo the others: they are stored by the transaction that found it held', async () => {
  const deps = storesEverything({ busy: new Set(['busy']) });
  const starts = createDeploymentStarts(deps);
  // The first goes alone; the others are together.
  const all = [startOf('a'), startOf('b'), startOf('held', 'busy'), startOf('c')];
  await Promise.all(all.map(async (start) => await starts.store(start)));
  expect(deps.asked.inserts).toEqual([['a'], ['b', 'held', 'c'], ['held']]);
  expect(deps.asked.removed).toEqual([['collect of held']]);
});

test('the observation of all that are superseded is ended at once, not one after the other', async () => {
  const bothAsked = Promise.withResolvers<void>();
  const deps = storesEverything({
    reschedule: async () => {
      const { length } = deps.asked.rescheduled;
      if (length === 3) bothAsked.resolve();
      // The first start goes alone; of the two after it neither is answered before both are asked for.
      if (length > 1) await bothAsked.promise;
    },
  });
  const starts = createDeploymentStarts(deps);
  await Promise.all(['a', 'b', 'c'].map(async (id) => await starts.store(startOf(id))));
  expect(deps.asked.inserts).toEqual([['a'], ['b', 'c']]);
});
