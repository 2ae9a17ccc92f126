import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

async function finishedWith(more: object): Promise<{ answer: Answer; of: NewProject; id: string }> {
  serial += 1;
  const of = await stage.api.newProject({ name: `facts ${serial}`, endpoint: stage.app.url });
  const id: string = (await stage.api.trigger(of.apiKey, { env: 'prod' })).body.deployment_id;
  const answer = await stage.api.finish(of.apiKey, { deployment_id: id, result: 'success', ...more });
  return { answer, of, id };
}

test('what finish says of instances and traffic is kept and shown', async () => {
  const { answer, of, id } = await finishedWith({ instances: { before: 2, after: 4 }, traffic_share: 0.25 });
  expect(answer).toMatchObject({ status: 200, body: { status: 'accepted' } });
  const shown = (await stage.api.deployment(of.apiKey, id)).body;
  expect(shown).toMatchObject({ instances: { before: 2, after: 4 }, traffic_share: 0.25 });
});

test('nothing said is null, and null is nothing said', async () => {
  for (const more of [{}, { instances: null, traffic_share: null }]) {
    const { of, id } = await finishedWith(more);
    expect((await stage.api.deployment(of.apiKey, id)).body).toMatchObject({ instances: null, traffic_share: null });
  }
});

test.each([
  [{ traffic_share: 1.1 }, 'traffic_share'],
  [{ traffic_share: -0.1 }, 'traffic_share'],
  [{ traffic_share: '0.5' }, 'traffic_share'],
  [{ instances: { before: 0, after: 2 } }, 'instances.before'],
  [{ instances: { before: 2, after: 1.5 } }, 'instances.after'],
  [{ instances: { before: 2 } }, 'instances.after'],
  [{ instances: 3 }, 'instances'],
])('%j is refused with its path', async (more, path) => {
  const { answer } = await finishedWith(more);
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual([path]);
});
