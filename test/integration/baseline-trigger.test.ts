import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BROKEN, HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { scraped } from '../support/exposition.ts';
import { fillRing } from '../support/ring.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

interface Project {
  readonly id: string;
  readonly apiKey: string;
}

async function project(more: object = {}): Promise<Project> {
  serial += 1;
  return await stage.api.newProject({ name: `baseline ${serial}`, endpoint: stage.app.url, ...more });
}

/** Readings one a minute, the newest half a minute ago. */
async function quiet({ id }: Project, minutes: number, metrics: Metrics = HEALTHY): Promise<void> {
  const fromMs = stage.clock.now() - 30_000 - (minutes - 1) * 60_000;
  await fillRing(stage.running, { projectId: id, url: stage.app.url, fromMs, count: minutes, metrics });
}

async function trigger({ apiKey }: Project) {
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  expect(body.status).toBe('created');
  return body as { deployment_id: string; message: string | null };
}

/** A whole deployment; the application serves `metrics` from its finish on. */
async function deploy(one: Project, metrics: Metrics) {
  const { deployment_id: id, message } = await trigger(one);
  await stage.pass(40);
  stage.app.metrics = metrics;
  await stage.api.finish(one.apiKey, { deployment_id: id, result: 'success' });
  await stage.pass(301);
  const { body } = await stage.api.deployment(one.apiKey, id);
  return { id, message, verdict: body.verdict, number: body.number as number };
}

async function feedback(id: string, correct: boolean): Promise<void> {
  await stage.database.query(
    `insert into seqpulse.verdict_feedback (project_id, deployment_id, correct, given_at)
     select project_id, $1, $2, now() from seqpulse.deployments where id = $1
     on conflict on constraint verdict_feedback_pkey do update set correct = excluded.correct`,
    [id, correct],
  );
}

async function samplesOf({ apiKey }: Project, id: string) {
  const headers = { 'X-API-Key': apiKey };
  const { body } = await stage.api.request('GET', `/deployments/${id}/metrics`, { headers });
  return body.samples as ({ phase: string; collected_at: string } & Metrics)[];
}

const before = async (one: Project, id: string) => (await samplesOf(one, id)).filter(({ phase }) => phase === 'pre');
/** What the deployment was triggered with. */
const kept = async (id: string) =>
  await stage.database.query<{ collected_at: Date; latency_p95: number }>(
    `select k.at as collected_at, k.p95 as latency_p95 from seqpulse.deployment_baselines b,
       unnest(b.collected_at, b.latency_p95) as k (at, p95) where b.deployment_id = $1`,
    [id],
  );
const sourceOf = async (id: string) =>
  (
    await stage.database.query<{ baseline_source: string }>(
      'select baseline_source from seqpulse.deployments where id = $1',
      [id],
    )
  )[0]?.baseline_source;
const later = async (minutes: number) => await stage.clock.setTime(stage.clock.now() + minutes * 60_000);

test('at the trigger the newest fifteen readings of the ring are there, shown as `pre`, oldest first', async () => {
  const one = await project();
  await quiet(one, 20);
  const startedMs = stage.clock.now();
  const { deployment_id: id, message } = await trigger(one);
  expect(message).toBeNull();
  const samples = await before(one, id);
  const ages = samples.map(({ collected_at }) => (startedMs - Date.parse(collected_at)) / 60_000);
  expect(ages).toEqual(Array.from({ length: 15 }, (_, index) => 14.5 - index));
  // As the application said it, not as a 32-bit number would be written out in 64.
  expect(samples[0]).toMatchObject({ error_rate: HEALTHY.error_rate, cpu_usage: HEALTHY.cpu_usage });
  expect((await stage.api.deployment(one.apiKey, id)).body.baseline).toEqual({
    source: 'continuous',
    from: samples[0]?.collected_at,
    until: samples.at(-1)?.collected_at,
    samples: 15,
    good_since: null,
    note: null,
  });
});

test('a deployment is judged by the ring alone when that is complete, and says what it left out', async () => {
  const one = await project();
  await quiet(one, 30);
  const { id, verdict } = await deploy(one, BROKEN);
  expect(verdict.verdict).toBe('rollback_recommended');
  for (const finding of verdict.details) expect(finding.evidence.samples_before).toBe(15);
  expect(verdict.left_out).toMatchObject([{ phase: 'pre', reason: 'other_baseline', count: 1 }]);
  expect(verdict.summary).not.toContain('baseline');
  expect(await before(one, id)).toHaveLength(16);
});

test('readings of the ring are counted neither as collected samples nor in sample completeness', async () => {
  const one = await project();
  await quiet(one, 30);
  const count = 'seqpulse_metrics_collected_total{phase="pre"}';
  const collected = (await scraped(stage, count)) ?? 0;
  const { id } = await deploy(one, HEALTHY);
  expect(await scraped(stage, count)).toBe(collected + 1);
  const rows = await stage.database.query(
    'select pre_expected, pre_stored, post_stored, complete from kpi.sample_completeness where deployment_id = $1',
    [id],
  );
  expect(rows).toEqual([{ pre_expected: 1, pre_stored: 1, post_stored: 5, complete: true }]);
});

test('a short ring is filled up with what is read at the trigger; without one it is as ever', async () => {
  const short = await project();
  await quiet(short, 4);
  const first = await deploy(short, HEALTHY);
  expect(first.verdict.details[0].evidence.samples_before).toBe(9);
  expect(first.verdict.left_out).toEqual([]);
  stage.app.metrics = HEALTHY;
  // New: between deployments nobody has read it yet.
  const none = await project();
  const second = await deploy(none, HEALTHY);
  expect(second.verdict.details[0].evidence.samples_before).toBe(5);
  expect([await sourceOf(first.id), await sourceOf(second.id)]).toEqual(['continuous', 'at_trigger']);
});

test('three minutes after an ok verdict there are fifteen: its samples after, the readings since, and older ones', async () => {
  const one = await project();
  await quiet(one, 30);
  const { id: first } = await deploy(one, HEALTHY);
  await later(3);
  await quiet(one, 3);
  const { deployment_id: id } = await trigger(one);
  const afterFirst = (await samplesOf(one, first)).filter(({ phase }) => phase === 'post');
  const times = (await kept(id)).map((sample) => sample.collected_at.toISOString());
  expect(times).toHaveLength(15);
  expect(times.slice(-8, -3)).toEqual(afterFirst.map((sample) => sample.collected_at));
  const triggeredFirst = Date.parse((await stage.api.deployment(one.apiKey, first)).body.started_at);
  expect(times.slice(0, 7).every((time) => Date.parse(time) < triggeredFirst)).toBe(true);
});

test('after a bad verdict the last good baseline stands, and trigger and verdict say so', async () => {
  const one = await project();
  await quiet(one, 30);
  const bad = await deploy(one, BROKEN);
  await later(40);
  await quiet(one, 30, BROKEN);
  const again = await deploy(one, BROKEN);
  const newest = (await kept(bad.id)).at(-1)?.collected_at.toISOString();
  const clause = `his environment is in a bad state since deployment ${bad.number}: compared with the last good baseline, 15 samples until ${newest}`;
  expect(again.message).toBe(`T${clause}.`);
  expect(again.verdict.verdict).toBe('rollback_recommended');
  expect(again.verdict.summary).toContain(`t${clause}`);
  expect(await kept(again.id)).toEqual(await kept(bad.id));
  expect(again.verdict.left_out).toMatchObject([{ count: 1, text: 'read in a bad state' }]);
  expect(await sourceOf(again.id)).toBe('last_good');
});

test('the next ok ends the bad state: what is read from then on is the baseline, what was read in it never is', async () => {
  const one = await project();
  await quiet(one, 30);
  await deploy(one, BROKEN);
  await later(40);
  await quiet(one, 30, BROKEN);
  const repaired = await deploy(one, HEALTHY);
  expect(repaired.verdict.verdict).toBe('ok');
  await later(4);
  await quiet(one, 4);
  const next = await deploy(one, HEALTHY);
  expect(next.message).toBeNull();
  const samples = await kept(next.id);
  expect(samples).toHaveLength(15);
  expect(Math.max(...samples.map((sample) => sample.latency_p95))).toBeLessThan(200);
});

test('a bad state that outlives the ring is compared with what the first bad deployment was judged by', async () => {
  const one = await project();
  await quiet(one, 30);
  const first = await deploy(one, BROKEN);
  for (let day = 1; day <= 3; day += 1) {
    await later(26 * 60);
    await quiet(one, 30, BROKEN);
    const again = await deploy(one, BROKEN);
    expect(again.message).toContain(`since deployment ${first.number}:`);
    expect(await kept(again.id)).toEqual(await kept(first.id));
  }
});

test('feedback that a bad verdict was wrong makes the new level the baseline, and nothing older', async () => {
  const one = await project();
  await quiet(one, 30);
  const alarmed = await deploy(one, BROKEN);
  await later(4);
  await quiet(one, 4, BROKEN);
  await feedback(alarmed.id, false);
  const next = await deploy(one, BROKEN);
  expect(next.message).toBeNull();
  expect(next.verdict.verdict).toBe('ok');
  const samples = await kept(next.id);
  expect(samples).toHaveLength(9);
  expect(Math.min(...samples.map((sample) => sample.latency_p95))).toBeGreaterThanOrEqual(BROKEN.latency_p95);
});

test('feedback that a bad verdict was right keeps it bad', async () => {
  const one = await project();
  await quiet(one, 30);
  const bad = await deploy(one, BROKEN);
  await feedback(bad.id, true);
  await later(20);
  expect((await trigger(one)).message).toContain('the last good baseline');
});

test('feedback that an ok was wrong begins a bad state with that deployment', async () => {
  const one = await project();
  await quiet(one, 30);
  const ok = await deploy(one, HEALTHY);
  await feedback(ok.id, false);
  await later(20);
  await quiet(one, 20, BROKEN);
  const { deployment_id: id, message } = await trigger(one);
  expect(message).toContain(`since deployment ${ok.number}: compared with the last good baseline`);
  expect(await kept(id)).toEqual(await kept(ok.id));
});

test('a level that was accepted after the next deployment had been judged bad is the last good one', async () => {
  const one = await project();
  await quiet(one, 30);
  const first = await deploy(one, { ...HEALTHY, latency_p95: 400 });
  expect(first.verdict.verdict).not.toBe('ok');
  await later(30);
  const second = await deploy(one, { ...HEALTHY, latency_p95: 2_000 });
  await feedback(first.id, false);
  await later(30);
  const third = await trigger(one);
  expect(third.message).toContain(`since deployment ${second.number}: compared with the last good baseline, 5 samples`);
  expect((await kept(third.deployment_id)).map((sample) => sample.latency_p95)).toEqual([400, 400, 400, 400, 400]);
});

test('insufficient data and an abandoned deployment change nothing, in a good state and in a bad one', async () => {
  const one = await project({ finish_deadline_minutes: 10 });
  await quiet(one, 30);
  for (const [state, metrics] of [
    ['good', HEALTHY],
    ['bad', BROKEN],
  ] as const) {
    if (state === 'bad') await deploy(one, BROKEN);
    const { deployment_id: silent } = await trigger(one);
    await stage.api.finish(one.apiKey, { deployment_id: silent, result: 'success' });
    stage.app.behaviour = (response) => response.writeHead(500).end();
    await stage.pass(900);
    expect((await stage.api.deployment(one.apiKey, silent)).body.verdict.verdict).toBe('insufficient_data');
    stage.app.behaviour = null;
    await trigger(one);
    await stage.pass(660);
    await stage.sweep();
    await later(30);
    await quiet(one, 25, metrics);
    const { deployment_id: id, message } = await trigger(one);
    if (state === 'good') expect(message).toBeNull();
    else expect(message).toContain('in a bad state');
    expect(Math.max(...(await kept(id)).map((sample) => sample.latency_p95))).toBeLessThan(200);
    await stage.pass(660);
    await stage.sweep();
  }
});

test('silence that follows a deployment of which nothing is known is no baseline, until requests come again', async () => {
  const silence = { ...HEALTHY, requests_per_sec: 0, error_rate: 0, latency_p95: 0 };
  const one = await project();
  await quiet(one, 20);
  const { deployment_id: unknown } = await trigger(one);
  await stage.api.finish(one.apiKey, { deployment_id: unknown, result: 'success' });
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await stage.pass(900);
  stage.app.behaviour = null;
  expect((await stage.api.deployment(one.apiKey, unknown)).body.verdict.verdict).toBe('insufficient_data');
  const traffic = async () => {
    const { deployment_id: id } = await trigger(one);
    const rows = await stage.database.query<{ rps: number }>(
      `select unnest(requests_per_sec) as rps from seqpulse.deployment_baselines where deployment_id = $1`,
      [id],
    );
    await stage.api.finish(one.apiKey, { deployment_id: id, result: 'success' });
    stage.app.behaviour = (response) => response.writeHead(500).end();
    await stage.pass(900);
    stage.app.behaviour = null;
    return rows.map(({ rps }) => rps);
  };
  await later(20);
  await quiet(one, 18, silence);
  const afterSilence = await traffic();
  expect(afterSilence).toHaveLength(15);
  expect(Math.min(...afterSilence)).toBeGreaterThan(0);
  await later(20);
  await quiet(one, 18, HEALTHY);
  expect(Math.min(...(await traffic()))).toBeGreaterThan(0);
});

test('without any good baseline a trigger in a bad state says that it has none', async () => {
  const one = await project();
  const bad = await deploy(one, HEALTHY);
  await feedback(bad.id, false);
  await stage.database.query('delete from seqpulse.samples where deployment_id = $1', [bad.id]);
  await later(20);
  await quiet(one, 20, BROKEN);
  const next = await deploy(one, HEALTHY);
  expect(next.message).toMatch(
    /^This environment is in a bad state since deployment 1 and no good baseline is left: compared with what is read at the trigger\.$/,
  );
  expect(next.verdict.summary).toContain('no good baseline is left');
  expect(await sourceOf(next.id)).toBe('at_trigger');
  expect(await kept(next.id)).toEqual([]);
});

test('a project that wants its baseline at the trigger gets that and nothing older, in a bad state too, and is told', async () => {
  const one = await project({ baseline: 'at_trigger' });
  await quiet(one, 20);
  await deploy(one, HEALTHY);
  await later(20);
  await quiet(one, 20);
  const second = await deploy(one, BROKEN);
  expect(second.message).toBeNull();
  expect(second.verdict.details[0].evidence.samples_before).toBe(5);
  await later(20);
  const { deployment_id: id, message } = await trigger(one);
  expect(message).toContain('compared with what is read at the trigger, as this project is set to');
  expect([await kept(second.id), await kept(id)]).toEqual([[], []]);
});

test('readings of another endpoint are no baseline, nor is what was judged there', async () => {
  const one = await project();
  await quiet(one, 30);
  await deploy(one, BROKEN);
  const moved = `${stage.app.url}?moved`;
  await stage.api.operator('PUT', `/projects/${one.id}/endpoint`, { url: moved });
  await stage.api.operator('POST', `/projects/${one.id}/endpoint/test`, {});
  const { deployment_id: id, message } = await trigger(one);
  expect(message).toContain('no good baseline is left');
  expect(await kept(id)).toEqual([]);
});

test('a project’s baseline mode is shown and can be changed; another word is refused', async () => {
  const { id } = await project();
  const path = `/projects/${id}`;
  expect((await stage.api.operator('GET', path)).body.baseline).toBe('continuous');
  expect((await stage.api.operator('PATCH', path, { baseline: 'at_trigger' })).body.baseline).toBe('at_trigger');
  expect((await stage.api.operator('PATCH', path, { finish_deadline_minutes: 5 })).body.baseline).toBe('at_trigger');
  const refused = await stage.api.operator('PATCH', path, { baseline: 'sometimes' });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'baseline' }] } });
});
