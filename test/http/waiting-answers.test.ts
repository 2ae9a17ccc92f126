import { expect, test } from 'vitest';
import type { HttpDeps } from '../../src/http/deps.ts';
import { readDeployment } from '../../src/http/handlers/deployments.ts';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import type { DeploymentView } from '../../src/model/deployment.ts';
import { NO_ORIGIN } from '../support/origin.ts';

const ID = '00000000-0000-4000-8000-000000000000';
const AT = new Date(0);

function view(state: DeploymentView['state']): DeploymentView {
  return {
    id: ID,
    projectId: ID,
    number: 1,
    project: 'checkout',
    env: 'prod',
    idempotencyKey: null,
    origin: NO_ORIGIN,
    startedBy: 'ci',
    state,
    pipelineResult: 'success',
    pipelineOutcome: 'success',
    startedAt: AT,
    finishedAt: AT,
    analyzedAt: null,
    supersededBy: null,
    windowEndsAt: AT,
    samples: { before: { expected: 5, collected: 5 }, after: { expected: 5, collected: 5 } },
    failedReads: null,
    baseline: { source: 'at_trigger', note: null, kept: null, read: null, goodSince: null },
    limits: {},
    facts: {},
    verdict: null,
    preliminary: null,
    lateChecks: [],
    feedback: null,
  };
}

test('what is answered to many who waited for one deployment is written once; one that is gone meanwhile is 404', async () => {
  let now: DeploymentView | null = view('finished');
  const read = async () => now;
  const waiting = createWaitingRoom({ most: 10, timers: globalThis, read, nextTurn: setImmediate });
  let shown = 0;
  const deps = {
    waiting,
    written: new WeakMap(),
    pages: { publicUrl: null },
    findDeployment: read,
    lifecycle: {
      now: () => {
        shown += 1;
        return 0;
      },
      settings: { retryDelaysSeconds: [] },
      db: { deploymentReads: { find: async () => view('finished') } },
    },
  } as unknown as HttpDeps;
  const ask = async () =>
    await readDeployment(deps, {
      caller: { kind: 'project', projectId: ID },
      params: { id: ID },
      body: undefined,
      query: { wait: 60, until: 'end' },
      headers: undefined,
      onClientGone: () => {},
    });
  const replies = Promise.all([ask(), ask(), ask()]);
  while (waiting.awaited().length === 0) await Promise.resolve();
  now = view('analyzed');
  waiting.tell(ID);
  const bodies = (await replies).map(({ body }) => body);
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(String(bodies[0]))).toMatchObject({ id: ID, state: 'analyzed' });
  expect(shown).toBe(1);

  now = view('finished');
  const last = ask();
  while (waiting.awaited().length === 0) await Promise.resolve();
  now = null;
  waiting.tell(ID);
  await expect(last).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a client that goes during the first look keeps no place', async () => {
  const waiting = createWaitingRoom({ most: 1, timers: globalThis, read: async () => null, nextTurn: setImmediate });
  const { promise, resolve } = Promise.withResolvers<DeploymentView>();
  const deps = {
    waiting,
    pages: { publicUrl: null },
    findDeployment: async () => null,
    lifecycle: { db: { deploymentReads: { find: async () => await promise } } },
  } as unknown as HttpDeps;
  const gone: (() => void)[] = [];
  const answer = readDeployment(deps, {
    caller: { kind: 'project', projectId: ID },
    params: { id: ID },
    body: undefined,
    query: { wait: 60, until: 'end' },
    headers: undefined,
    onClientGone: (callback) => gone.push(callback),
  });
  expect(waiting.awaited()).toEqual([ID]);
  for (const callback of gone) callback();
  expect(waiting.awaited()).toEqual([]);
  resolve(view('finished'));
  await expect(answer).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
