import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createProtobufCodec, duration, exportOf, gauge } from '../../harness/otlp-bodies.ts';
import { detectDeployments } from '../../src/lifecycle/detect.ts';
import { passOverSame } from '../../src/lifecycle/pass-over-same.ts';
import { identityOf } from '../../src/model/source.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/report.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

const EDGES = [0.05, 0.1, 0.2, 0.4];
const STEP_MS = 30_000;
const codec = createProtobufCodec();

const SERVES_1 = { serving: { 1: { share: 1, absentMinutes: 0, missedRequests: 0 } }, sighted: {}, owned: null };

let stage: ClockedStage;
let replica: TestService;
let serial = 0;

beforeAll(async () => {
  stage = await openClockedStage();
  replica = await startTestService({ databaseUrl: stage.database.url, clock: stage.clock });
});
afterEach(async () => await stage.reset());
afterAll(async () => {
  await replica?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

/** What came of the 30 seconds until `atMs`: `perSecond` requests. */
function exported(atMs: number, version: string, perSecond: number) {
  const count = Math.round((perSecond * STEP_MS) / 1_000);
  const low = Math.floor(count / 2);
  return exportOf({
    attributes: { 'service.name': 'checkout', 'service.version': version, 'service.instance.id': `pod of ${version}` },
    metrics: [
      duration('delta', [
        {
          startMs: atMs - STEP_MS,
          atMs,
          edges: EDGES,
          counts: [0, low, count - low, 0, 0],
          sum: count * 0.1,
          attributes: { 'http.response.status_code': 200 },
        },
      ]),
      gauge('process.cpu.utilization', [{ atMs, value: 0.3 }]),
    ],
  });
}

type Traffic = Readonly<Record<string, number>>;
type Project = Readonly<{ id: string; apiKey: string }>;

async function push(key: string, atMs: number, traffic: Traffic) {
  for (const [version, perSecond] of Object.entries(traffic)) {
    const answer = await fetch(`${stage.running.service.url}/v1/metrics`, {
      method: 'POST',
      headers: { 'X-API-Key': key, 'Content-Type': 'application/x-protobuf' },
      body: new Uint8Array(codec.encode(exported(atMs, version, perSecond))),
    });
    expect(answer.status).toBe(200);
  }
}

/** A project that has pushed version 1 for 20 minutes, and is read. */
async function pushing(more: object = {}): Promise<Project> {
  serial += 1;
  const created = (await stage.api.newProject({ name: `detected ${serial}` })) as never as Project;
  const now = stage.clock.now();
  for (let at = now - 1_200_000; at <= now; at += STEP_MS) await push(created.apiKey, at, { 1: 20 });
  await stage.api.operator('PUT', `/projects/${created.id}/source`, {
    type: 'otlp',
    service_name: 'checkout',
    ...more,
  });
  expect((await stage.api.operator('POST', `/projects/${created.id}/source/test`, {})).status).toBe(200);
  return created;
}

/** Time goes on while it exports; both replicas look every half minute, at the same time. */
async function serve({ apiKey }: Project, minutes: number, traffic: Traffic) {
  for (let passed = 0; passed < minutes * 60_000; passed += STEP_MS) {
    await stage.clock.setTime(stage.clock.now() + STEP_MS);
    await push(apiKey, stage.clock.now(), traffic);
    await Promise.all([stage.running, replica].map(async ({ service }) => await detectDeployments(service.lifecycle)));
  }
}

async function deployments({ apiKey }: Project) {
  const { body } = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey } });
  return body.items as Record<string, unknown>[];
}
const trigger = async ({ apiKey }: Project, body: object) =>
  (
    await stage.api.request('POST', '/deployments/trigger', {
      headers: { 'X-API-Key': apiKey },
      body: { env: 'prod', ...body },
    })
  ).body;
const finish = async ({ apiKey }: Project, id: string, result = 'success') =>
  (
    await stage.api.request('POST', '/deployments/finish', {
      headers: { 'X-API-Key': apiKey },
      body: { deployment_id: id, result },
    })
  ).body;

test('of environments that are looked at together those are passed over of which a minute says what the last one said', async () => {
  const [same, other] = [await pushing(), await pushing()];
  const { db } = stage.running.service.lifecycle;
  /** Who is left to be read, of all whose turn it is after so many minutes. */
  const leftAfter = async (minutes: number, versionOfOther: string) => {
    for (let passed = 0; passed < minutes * 60_000; passed += STEP_MS) {
      await stage.clock.setTime(stage.clock.now() + STEP_MS);
      await push(same.apiKey, stage.clock.now(), { 1: 20 });
      await push(other.apiKey, stage.clock.now(), { [versionOfOther]: 20 });
    }
    const due = await db.versionWatches.take(stage.clock.now(), 50);
    expect(due.length).toBe(2);
    const left = await passOverSame({ db }, due);
    await db.versionWatches.keep(
      left.map((of) => {
        const { source, minute } = of;
        return { of, watch: { ...SERVES_1, identity: identityOf(source), minute, knownMinute: minute } };
      }),
    );
    const names = new Map([
      [same.id, 'same'],
      [other.id, 'other'],
    ]);
    return left.map(({ projectId }) => names.get(projectId)).sort();
  };
  // The first minute that is looked at.
  expect(await leftAfter(2, '1')).toEqual(['other', 'same']);
  expect(await leftAfter(1, '1')).toEqual([]);
  expect(await leftAfter(1, '1')).toEqual([]);
  // Of the minute of which its last exports have not come yet nothing but version 1 is known.
  await leftAfter(1, '2');
  expect(await leftAfter(2, '2')).toEqual(['other', 'same']);
  expect(await leftAfter(1, '2')).toEqual(['other']);
});

test('a version that nobody announced is one deployment under two replicas, is judged, and says that it was found', async () => {
  const project = await pushing();
  await serve(project, 4, { 1: 20 });
  expect(await deployments(project)).toEqual([]);
  const before = stage.clock.now();
  await serve(project, 5, { 2: 20 });
  const [found, ...others] = await deployments(project);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    origin: 'detected',
    version: '2',
    number: 1,
    state: 'finished',
    pipeline_result: null,
  });
  expect(Math.abs(Date.parse(String(found?.started_at)) - before)).toBeLessThan(90_000);
  expect(Date.parse(String(found?.finished_at))).toBeGreaterThan(before + 120_000);
  expect(found?.samples).toMatchObject({ before: { expected: 15, collected: 15 } });
  for (let minute = 0; minute < 8; minute += 1) {
    await serve(project, 1, { 2: 20 });
    await stage.tick(1);
  }
  await stage.pass(60);
  const [judged] = await deployments(project);
  expect(judged).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  const report = reportOf(judged as never, stage.clock.now());
  expect(markdownOf(report)).toMatch(
    /Nobody announced this deployment: it was found by its version 2, which took requests/,
  );
  expect(report.steps.map(({ label }) => label)).toEqual(['First seen', 'Found', 'Observed until', 'Verdict']);
  const { body: dora } = await stage.api.operator('GET', `/projects/${project.id}/dora`);
  expect(JSON.stringify(dora)).toMatch(/"deployments":1\b/);
});

test('what CI runs, or ended a moment ago, owns its version; a rollback after it is found', async () => {
  const project = await pushing();
  await serve(project, 4, { 1: 20 });
  const { deployment_id: id } = await trigger(project, { idempotency_key: 'one' });
  await serve(project, 2, { 2: 20 });
  await finish(project, id);
  await serve(project, 5, { 2: 20 });
  expect(await deployments(project)).toMatchObject([{ id, origin: 'ci', version: null }]);
  await serve(project, 6, { 1: 20 });
  expect(await deployments(project)).toMatchObject([{ origin: 'detected', version: '1', number: 2 }, { id }]);
});

test('a trigger that comes after it finds it, again by its key, and finish records the result', async () => {
  const project = await pushing();
  await serve(project, 4, { 1: 20 });
  await serve(project, 5, { 2: 20 });
  const [found] = await deployments(project);
  const first = await trigger(project, { idempotency_key: 'late', version: '2', branch: 'main' });
  expect(first).toMatchObject({
    deployment_id: found?.id,
    status: 'existing',
    message: expect.stringMatching(/found/),
  });
  expect(await trigger(project, { idempotency_key: 'late', version: '2' })).toMatchObject({
    deployment_id: found?.id,
    status: 'existing',
  });
  expect(await finish(project, first.deployment_id, 'failed')).toMatchObject({ status: 'accepted' });
  expect((await deployments(project))[0]).toMatchObject({
    pipeline_result: 'failed',
    branch: 'main',
    origin: 'detected',
  });
  expect(await finish(project, first.deployment_id)).toMatchObject({ status: 'ignored' });
  expect(await trigger(project, { idempotency_key: 'other', version: '3' })).toMatchObject({ status: 'created' });
});

test('off for a source, whose other settings stay what they are', async () => {
  const project = await pushing({ detect: false });
  await serve(project, 4, { 1: 20 });
  await serve(project, 5, { 2: 20 });
  expect(await deployments(project)).toEqual([]);
  const { body } = await stage.api.operator('GET', `/projects/${project.id}/source`);
  expect(body).toMatchObject({ active: { detect: false } });
});

test('off for the installation', async () => {
  const { lifecycle } = stage.running.service;
  const project = await pushing();
  const off = { ...lifecycle, settings: { ...lifecycle.settings, detectDeployments: false } };
  expect(await detectDeployments(off)).toBe(0);
  expect(await stage.database.query('select from seqpulse.version_watches')).toHaveLength(0);
  expect(await deployments(project)).toEqual([]);
});

test('the database stores a version that came in one minute once', async () => {
  const project = await pushing();
  await serve(project, 4, { 1: 20 });
  await serve(project, 5, { 2: 20 });
  await expect(
    stage.database.query(
      `insert into seqpulse.detections (project_id, env, version, started_at, deployment_id)
       select project_id, env, version, started_at, deployment_id from seqpulse.detections`,
    ),
  ).rejects.toThrow(/detections_pkey/);
});
