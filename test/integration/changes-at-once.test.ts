import pg from 'pg';
import { expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const operator: typeof stage.api.operator = async (...request) => await stage.api.operator(...request);

type Request = readonly [method: string, path: string, body?: object];

interface Entry {
  readonly action: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly before: Readonly<Record<string, unknown>>;
}

const WAITING = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Both are under way before the row that they change is free; it is free for the first of them first. */
async function atOnce(row: string, first: Request, second: Request): Promise<void> {
  const holder = new pg.Client({ connectionString: stage.database.url });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query(`select from seqpulse.${row} for update`);
    const answers: Promise<{ readonly status: number }>[] = [];
    for (const [index, request] of [first, second].entries()) {
      answers.push(operator(...request));
      await until('it waits for the row', 10, async () => (await stage.database.query(WAITING)).length === index + 1);
    }
    await holder.query('commit');
    for (const { status } of await Promise.all(answers)) expect(status).toBeLessThan(300);
  } finally {
    await holder.end();
  }
}

/** What was changed of this one, in no order: all of it in the same moment of a hand-set clock. */
async function trailOf(id: string, action: string): Promise<Entry[]> {
  const entries: Entry[] = (await operator('GET', '/audit?limit=200')).body.items;
  return entries.filter((entry) => entry.action === action && Object.values(entry.subject).includes(id));
}

async function expectUnbroken(id: string, action: string, values: readonly unknown[], field: string): Promise<void> {
  const steps = (await trailOf(id, action)).map(({ before, changes }) => [before[field], changes[field]]);
  const [was, first, second] = values;
  expect(steps).toEqual(
    expect.arrayContaining([
      [was, first],
      [first, second],
    ]),
  );
}

test('of two changes at once the trail has no gap: each stands beside what it took the place of', async () => {
  const { id } = (await operator('POST', '/projects', { name: 'was', metrics_endpoint: stage.app.url })).body;
  const project = `projects where id = '${id}'`;
  const path = `/projects/${id}`;
  await atOnce(project, ['PATCH', path, { name: 'first' }], ['PATCH', path, { name: 'second' }]);
  await expectUnbroken(id, 'PATCH /projects/{id}', ['was', 'first', 'second'], 'name');

  const source = (selector: string): Request => [
    'PUT',
    `${path}/source`,
    { type: 'prometheus', url: 'https://prometheus.example', selector },
  ];
  await operator(...source('job="was"'));
  await atOnce(project, source('job="first"'), source('job="second"'));
  const selectors = ['job="was"', 'job="first"', 'job="second"'];
  await expectUnbroken(id, 'PUT /projects/{id}/source', selectors, 'selector');

  const channel = (
    await operator('POST', '/notifications', { type: 'slack', url: 'https://hooks.example/x', name: 'was' })
  ).body.id;
  const channelPath = `/notifications/${channel}`;
  await atOnce(
    `notification_channels where id = '${channel}'`,
    ['PATCH', channelPath, { name: 'first' }],
    ['PATCH', channelPath, { name: 'second' }],
  );
  await expectUnbroken(channel, 'PATCH /notifications/{notification_id}', ['was', 'first', 'second'], 'name');

  const person = (await operator('POST', '/operators', { name: 'somebody', role: 'viewer' })).body.id;
  const personPath = `/operators/${person}`;
  await atOnce(
    `operators where id = '${person}'`,
    ['PATCH', personPath, { role: 'admin' }],
    ['PATCH', personPath, { role: 'viewer' }],
  );
  await expectUnbroken(person, 'PATCH /operators/{id}', ['viewer', 'admin', 'viewer'], 'role');
});

test('what is removed while it is changed stands as it was changed', async () => {
  const { id } = (await operator('POST', '/projects', { name: 'goes', metrics_endpoint: stage.app.url })).body;
  const path = `/projects/${id}`;
  await atOnce(`projects where id = '${id}'`, ['PATCH', path, { baseline: 'at_trigger' }], ['DELETE', path]);
  expect(await trailOf(id, 'DELETE /projects/{id}')).toMatchObject([{ before: { baseline: 'at_trigger' } }]);

  const channel = (await operator('POST', '/notifications', { type: 'slack', url: 'https://hooks.example/x' })).body.id;
  const channelPath = `/notifications/${channel}`;
  const channelRow = `notification_channels where id = '${channel}'`;
  await atOnce(channelRow, ['PATCH', channelPath, { enabled: false }], ['DELETE', channelPath]);
  expect(await trailOf(channel, 'DELETE /notifications/{notification_id}')).toMatchObject([
    { before: { enabled: false } },
  ]);

  const person = (await operator('POST', '/operators', { name: 'leaves', role: 'viewer' })).body.id;
  const personPath = `/operators/${person}`;
  await atOnce(`operators where id = '${person}'`, ['PATCH', personPath, { role: 'admin' }], ['DELETE', personPath]);
  expect(await trailOf(person, 'DELETE /operators/{id}')).toMatchObject([{ before: { role: 'admin' } }]);
});

test('two words on one verdict at once: the later one stands beside the earlier', async () => {
  const story = createStory(stage);
  const finished = await story.finished();
  await story.until(finished, 301);
  const path = `/deployments/${finished.id}/feedback`;
  await operator('POST', path, { correct: true });
  const row = `verdict_feedback where deployment_id = '${finished.id}'`;
  await atOnce(row, ['POST', path, { correct: false }], ['POST', path, { correct: true }]);
  await expectUnbroken(finished.id, 'POST /deployments/{id}/feedback', [true, false, true], 'correct');
});
