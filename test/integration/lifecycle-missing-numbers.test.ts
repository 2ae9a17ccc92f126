import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

/** One number that is not there, or out of range, decides over no other. */

const stage = useClockedStage();
const story = createStory(stage);

const answers = (metrics: object) => {
  stage.app.behaviour = (response) => void response.end(JSON.stringify({ metrics }));
};

test('CPU of 102 % hides no 40 % of errors: the four others are stored, shown and judged, and the reason is told', async () => {
  const finished = await story.finished();
  answers({ ...HEALTHY, cpu_usage: 1.02, error_rate: 0.4 });
  await story.until(finished, 301);

  const posts = (await story.samples(finished)).filter(({ phase }) => phase === 'post');
  expect(posts).toHaveLength(5);
  expect(posts[0]).toMatchObject({ error_rate: 0.4, cpu_usage: null, missing: { cpu_usage: 'out_of_range' } });
  expect(await story.failures(finished)).toEqual([]);
  const { verdict } = await story.read(finished);
  expect(verdict.verdict).toBe('rollback_recommended');
  const cpu = verdict.details.find(({ metric }: { metric: string }) => metric === 'cpu_usage');
  expect(cpu).toMatchObject({ observed: null, severity: 'none' });
  expect(cpu.reason).not.toBe('');
  expect(stage.running.logged).toContainEqual(
    expect.objectContaining({ event: 'sample_incomplete', left_out: ['cpu_usage is 1.02, expected 0..1'] }),
  );
});

test('what an application never measures is null from the first sample on, also in the baseline kept ready', async () => {
  const { memory_usage: _never, ...four } = HEALTHY;
  answers(four);
  const finished = await story.finished();
  await story.until(finished, 301);
  const samples = await story.samples(finished);
  expect(samples).toHaveLength(10);
  for (const sample of samples) {
    expect(sample).toMatchObject({ memory_usage: null, missing: { memory_usage: 'not_measured' } });
  }
  expect(await story.read(finished)).toMatchObject({ verdict: { verdict: 'ok' } });
  expect((await story.read(finished)).verdict.summary).toMatch(/4 of (the )?5|memory/);
  expect(
    await stage.database.query(
      'select complete, numbers_missing from kpi.sample_completeness where deployment_id = $1',
      [finished.id],
    ),
  ).toEqual([{ complete: true, numbers_missing: 10 }]);
});

test('a body with none of the five is a failed read, with every number named', async () => {
  const started = await story.triggered();
  answers({ cpu_usage: 7 });
  await stage.pass(1);
  expect(await story.samples(started)).toEqual([]);
  expect(stage.running.logged).toContainEqual(
    expect.objectContaining({
      event: 'collect_retry',
      outcome: 'bad_body',
      reason: expect.stringContaining('cpu_usage is 7'),
    }),
  );
});
