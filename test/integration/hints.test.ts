import { expect, test } from 'vitest';
import { BROKEN } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

test('an alarm says what to look at first: what moved, tries to read that failed, the trace', async () => {
  const finished = await story.finished();
  await stage.database.query('update seqpulse.deployments set trace_parent = $2 where id = $1', [
    finished.id,
    `00-${TRACE_ID}-00f067aa0ba902b7-01`,
  ]);
  stage.app.metrics = BROKEN;
  await story.until(finished, 100);
  stage.app.behaviour = (response) => void response.writeHead(503).end();
  await story.until(finished, 125);
  stage.app.behaviour = null;
  await story.until(finished, 900);

  const { verdict, failed_reads } = (await stage.api.deployment(finished.apiKey, finished.id)).body;
  expect(failed_reads).toEqual({
    tries: 1,
    last: { phase: 'post', error: expect.stringContaining('503'), at: expect.stringMatching(/Z$/) },
  });
  expect(verdict.verdict).toBe('rollback_recommended');
  expect(verdict.hints.map(({ kind }: { kind: string }) => kind)).toEqual([
    'moved_first',
    'did_not_move',
    'reads',
    'trace',
  ]);
  expect(verdict.hints[0]).toMatchObject({
    text: expect.stringMatching(/^Errors \(above .*\) and p95 latency \(above .*\) moved first, from .* UTC on/),
    metrics: ['error_rate', 'latency_p95'],
    since: new Date(finished.finishedAtMs).toISOString(),
    trace_id: null,
  });
  expect(verdict.hints[2].text).toMatch(/one was read late, .*; 1 try to read failed, the last one: .*503/);
  expect(verdict.hints[3]).toMatchObject({ trace_id: TRACE_ID, since: null, metrics: [] });

  const again = await stage.api.request('POST', `/deployments/${finished.id}/rejudge`, {
    headers: { 'X-API-Key': finished.apiKey },
    body: {},
  });
  expect(again.body.hints).toEqual(verdict.hints);
});

test('a trace that nobody records is not named, and an ok has no hints', async () => {
  const finished = await story.finished();
  await stage.database.query('update seqpulse.deployments set trace_parent = $2 where id = $1', [
    finished.id,
    `00-${TRACE_ID}-00f067aa0ba902b7-00`,
  ]);
  stage.app.metrics = BROKEN;
  await story.until(finished, 310);
  const { verdict } = (await stage.api.deployment(finished.apiKey, finished.id)).body;
  expect(verdict.hints.map(({ kind }: { kind: string }) => kind)).toEqual(['moved_first', 'did_not_move']);

  await stage.reset();
  const healthy = await story.finished();
  await story.until(healthy, 310);
  const shown = (await stage.api.deployment(healthy.apiKey, healthy.id)).body;
  expect(shown.verdict).toMatchObject({ verdict: 'ok', hints: [] });
  expect(shown.failed_reads).toEqual({ tries: 0, last: null });
});
