import { expect, test } from 'vitest';
import { createDeploymentStarts } from '../../src/batching/deployment-starts.ts';
import type { Tables } from '../../src/db/database.ts';
import type { DeploymentStart, LifecycleDeps } from '../../src/lifecycle/deps.ts';

/** A database that stores whatever comes; what is asked here is who gets an answer, not what is on disk. */
function storesEverything(): Pick<LifecycleDeps, 'db' | 'jobs' | 'now'> {
  const tx = {
    deployments: {
      insertRunning: async (deployments: readonly { id: string; projectId: string }[]) => ({
        held: new Set(deployments.map(({ projectId }) => projectId)),
        numbers: new Map(deployments.map(({ id }, index) => [id, index + 1])),
        overtaken: false,
        superseded: [],
      }),
    },
    deploymentBaselines: { keep: async () => {} },
  } as unknown as Tables;
  const db = { transaction: async (work: (tx: Tables) => Promise<unknown>) => await work(tx) };
  const jobs = { enqueue: async () => {}, cancel: async () => {}, reschedule: async () => {} };
  return { db, jobs, now: () => 0 } as unknown as Pick<LifecycleDeps, 'db' | 'jobs' | 'now'>;
}

const startOf = (id: string): DeploymentStart =>
  ({
    deployment: { id, projectId: 'p', env: id },
    baseline: [],
    preCollects: [],
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
