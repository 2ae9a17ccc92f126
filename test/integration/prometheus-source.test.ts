import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { STORED_SHAPES } from '../../src/db/stored-shapes.ts';
import { type AwayProxy, startAwayProxy } from '../support/away-proxy.ts';
import { expectProblem } from '../support/problem.ts';
import { type SeriesServer, seriesServers } from '../support/series-servers.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { histogram, type SyntheticSeries } from '../support/synthetic-series.ts';

const DURATION = 'http_server_request_duration_seconds';
const usual = { perSecond: 20, mean: 0.1, shares: { 0.1: 0.5, 0.2: 0.48, 0.4: 0.02 } };

/** Of two services: checkout is well, cart fails more and more from the stage's time on. */
const SERIES: readonly SyntheticSeries[] = [
  ...histogram(DURATION, 'service_name="checkout",http_response_status_code="200"', usual),
  ...histogram(DURATION, 'service_name="cart",http_response_status_code="200"', usual),
  {
    series: `${DURATION}_count{service_name="cart",http_response_status_code="500"}`,
    at: (seconds) => 10 * Math.max(0, seconds - 7_200),
  },
];

let stage: ClockedStage;
let prometheus: MonitoringServer;
let proxy: AwayProxy;
let serial = 0;

for (const server of seriesServers('tests of a project whose source is asked')) {
  describe.skipIf(server.missing)(`a project whose source is ${server.name}`, () => provenOn(server));
}

function provenOn({ timeMs, start }: SeriesServer): void {
  beforeAll(async () => {
    prometheus = await start(SERIES, {
      fromMs: timeMs - 2 * 3_600_000,
      toMs: timeMs + 3_600_000,
      stepSeconds: 15,
    });
    proxy = await startAwayProxy(prometheus.url);
    stage = await openClockedStage({}, timeMs);
  });
  afterEach(async () => {
    proxy.away = false;
    await stage.reset();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await prometheus?.[Symbol.asyncDispose]();
  });

  async function project(more: object = {}) {
    serial += 1;
    return await stage.api.newProject({ name: `prometheus ${serial}`, ...more });
  }
  const put = (id: string, body: object) => stage.api.operator('PUT', `/projects/${id}/source`, body);
  const run = (id: string, body: object = {}) => stage.api.operator('POST', `/projects/${id}/source/test`, body);
  const get = (id: string, query = '') => stage.api.operator('GET', `/projects/${id}/source${query}`);
  const source = (more: object = {}) => ({
    type: 'prometheus',
    url: proxy.url,
    selector: 'service_name="checkout"',
    ...more,
  });
  async function connected(more: object = {}, of: object = {}) {
    const one = await project(of);
    expect((await put(one.id, source(more))).status).toBe(200);
    expect((await run(one.id)).status).toBe(200);
    return one;
  }
  async function trigger(apiKey: string, more: object = {}) {
    const { body } = await stage.api.trigger(apiKey, { env: 'prod', ...more });
    expect(body.status).toBe('created');
    return body.deployment_id as string;
  }
  async function samplesOf(apiKey: string, id: string) {
    const headers = { 'X-API-Key': apiKey };
    const { body } = await stage.api.request('GET', `/deployments/${id}/metrics`, { headers });
    return body.samples as { phase: string; collected_at: string; [more: string]: unknown }[];
  }

  test('two settings, then the test shows five numbers, the queries behind them, and what is missing', async () => {
    const { id } = await project();
    const set = await put(id, source({ selector: '{service_name="checkout"}' }));
    expect(set.body).toMatchObject({ env: null, active: null, candidate: { type: 'prometheus', preset: null } });
    const tested = await run(id);
    expect(tested.status).toBe(200);
    expect(tested.body).toMatchObject({
      candidate: null,
      active: { preset: 'otel', window_seconds: 60, selector: 'service_name="checkout"' },
      scrape_interval_seconds: 15,
      latency_p95_bucket: [100, 200],
      last_test_error: null,
    });
    const { numbers } = tested.body;
    expect(numbers.requests_per_sec).toMatchObject({ series: 1, minutes_with_data: 15, warnings: [], problem: null });
    expect(numbers.requests_per_sec.value).toBeCloseTo(20, 3);
    expect(numbers.requests_per_sec.query).toContain('service_name="checkout"}[60s]');
    expect(numbers.error_rate.value).toBe(0);
    expect(numbers.cpu_usage.problem).toMatch(/set containers/);
  });

  test('a typo is answered with the names that there are, and activates nothing', async () => {
    const { id, apiKey } = await project();
    await put(id, source({ selector: 'service_name="chekout"' }));
    const tested = await run(id);
    expectProblem(tested, 'SOURCE_TEST_FAILED');
    expect(tested.body.detail).toContain('no series match service_name="chekout"; there are: cart, checkout');
    expect(tested.body.errors.map(({ path }: { path: string }) => path)).toContain('latency_p95');
    expect((await get(id)).body).toMatchObject({ active: null, last_test_error: expect.stringContaining('chekout') });
    expectProblem(await stage.api.trigger(apiKey, { env: 'prod' }), 'PROJECT_ENDPOINT_BLOCKED');
  });

  test('secrets are sealed, sent, and never shown', async () => {
    const { id } = await connected({
      auth: { type: 'basic', username: 'reader', password: 'sesame' },
      headers: { 'X-Scope-OrgID': 'team-secret' },
    });
    const shown = await get(id);
    expect(shown.body.active).toMatchObject({
      auth: { type: 'basic', username: 'reader' },
      headers: ['X-Scope-OrgID'],
    });
    const stored = JSON.stringify([
      await stage.database.query('select * from seqpulse.source_settings'),
      await stage.database.query('select * from seqpulse.sources'),
      shown.body,
      stage.running.logged,
    ]);
    expect(stored).not.toMatch(/sesame|team-secret/);
  });

  test.each([
    ['a selector that would become a query', { selector: 'a="1"} or vector(1)' }, 'selector', /label matchers/],
    ['neither selector nor queries', { selector: null }, 'selector', /which series/],
    ['six headers', { headers: { a: '1', b: '1', c: '1', d: '1', e: '1', f: '1' } }, 'headers', /5 at the most/],
    ['a header of ours', { headers: { Authorization: 'x' } }, 'headers', /that is auth/],
    ['a line break in a token', { auth: { type: 'bearer', token: 'a\nb' } }, 'auth.token', /control characters/],
    ['a URL with a password', { url: 'http://a:b@prometheus.example' }, 'url', /user name or password/],
    ['an unknown kind', { type: 'graphite' }, 'type', /./],
  ])('%s is refused', async (_, more, path, message) => {
    const { id } = await project();
    const answer = await put(id, source(more));
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('the last kind activated for a place wins, and an environment’s own beats the project’s', async () => {
    const { id, apiKey } = await connected({}, { envs: ['prod', 'staging'] });
    const kindOf = async (env: string) =>
      (
        await stage.database.query<{ source_kind: string }>(
          'select source_kind from seqpulse.active_sources where project_id = $1 and env = $2',
          [id, env],
        )
      )[0]?.source_kind;
    expect([await kindOf('prod'), await kindOf('staging')]).toEqual(['prometheus', 'prometheus']);
    await put(id, { type: 'pull', env: 'staging', url: stage.app.url });
    expect((await run(id, { env: 'staging' })).body).toMatchObject({ active: { type: 'pull', url: stage.app.url } });
    expect([await kindOf('prod'), await kindOf('staging')]).toEqual(['prometheus', 'pull']);
    await stage.api.operator('PUT', `/projects/${id}/endpoint`, { url: stage.app.url });
    await stage.api.operator('POST', `/projects/${id}/endpoint/test`, {});
    expect(await kindOf('prod')).toBe('pull');
    expect((await get(id)).body.active).toEqual({ type: 'pull', url: stage.app.url });
    await put(id, source());
    await run(id);
    expect([await kindOf('prod'), await kindOf('staging')]).toEqual(['prometheus', 'pull']);
    // What CI sends along is only compared with an endpoint that is read.
    await trigger(apiKey, { metrics_endpoint: 'http://elsewhere.example/metrics' });
    const other = await stage.api.trigger(apiKey, { env: 'staging', metrics_endpoint: 'http://elsewhere.example/m' });
    expectProblem(other, 'ENDPOINT_MISMATCH');
  });

  test('the first deployment ever has fifteen samples before, and five minutes after make its verdict', async () => {
    const { apiKey } = await connected();
    const startedMs = stage.clock.now();
    const id = await trigger(apiKey);
    const before = await samplesOf(apiKey, id);
    expect(before).toHaveLength(15);
    expect(before.at(-1)).toMatchObject({
      phase: 'pre',
      collected_at: new Date(startedMs - 30_000).toISOString(),
      window_seconds: 60,
      latency_p95_bucket: [100, 200],
    });
    expect(before[0]?.latency_mean).toBeCloseTo(100, 2);
    await stage.pass(40);
    const finished = await stage.api.finish(apiKey, {
      deployment_id: id,
      result: 'success',
      metrics_endpoint: 'http://elsewhere.example/metrics',
    });
    expect(finished.body.status).toBe('accepted');
    const finishedMs = stage.clock.now();
    await stage.pass(301);
    const after = (await samplesOf(apiKey, id)).filter(({ phase }) => phase === 'post');
    expect(after.map(({ collected_at }) => (Date.parse(collected_at) - finishedMs) / 1_000)).toEqual([
      0, 60, 120, 180, 240,
    ]);
    const [shapes] = await stage.database.query(
      `select s.facts->'shape' as facts, b.facts[1]->'shape' as kept, p.settings->'shape' as settings
       from seqpulse.samples s join seqpulse.deployment_baselines b on b.deployment_id = s.deployment_id
       join seqpulse.deployments d on d.id = s.deployment_id
       join seqpulse.source_settings p on p.project_id = d.project_id and p.identity = d.metrics_endpoint
       where s.deployment_id = $1 and s.sequence = 0 and s.phase = 'post'`,
      [id],
    );
    const { facts, settings } = STORED_SHAPES;
    expect(shapes).toEqual({ facts, kept: facts, settings });
    const { body } = await stage.api.deployment(apiKey, id);
    expect(body).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
    for (const finding of body.verdict.details) {
      if (finding.metric === 'latency_p95') expect(finding.evidence.samples_before).toBe(15);
    }
    expect(body.samples.before).toEqual({ expected: 15, collected: 15 });
    const completeness = await stage.database.query(
      `select pre_expected, pre_stored, pre_complete, post_stored, complete, numbers_missing
       from kpi.sample_completeness where deployment_id = $1`,
      [id],
    );
    // CPU and memory of fifteen minutes before and five after are not known.
    expect(completeness).toEqual([
      { pre_expected: 15, pre_stored: 15, pre_complete: true, post_stored: 5, complete: true, numbers_missing: 40 },
    ]);
  });

  test('a minute is asked for half a minute after its end, not before', async () => {
    const { apiKey } = await connected();
    const id = await trigger(apiKey);
    await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
    const finishedMs = stage.clock.now();
    proxy.asked.length = 0;
    await stage.pass(29);
    expect(proxy.asked).toHaveLength(0);
    await stage.pass(3);
    const times = new Set(proxy.asked.map(({ form }) => Number(form.get('time')) * 1_000));
    expect([...times]).toEqual([finishedMs]);
  });

  test('a source that is away for four of the five minutes after costs no sample', async () => {
    const { apiKey } = await connected({ selector: 'service_name="cart"' });
    const id = await trigger(apiKey);
    await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
    const finishedMs = stage.clock.now();
    proxy.away = true;
    await stage.pass(240);
    expect((await samplesOf(apiKey, id)).filter(({ phase }) => phase === 'post')).toHaveLength(0);
    proxy.away = false;
    await stage.pass(600);
    const after = (await samplesOf(apiKey, id)).filter(({ phase }) => phase === 'post');
    expect(after.map(({ collected_at }) => (Date.parse(collected_at) - finishedMs) / 1_000)).toEqual([
      0, 60, 120, 180, 240,
    ]);
    const { body } = await stage.api.deployment(apiKey, id);
    expect(body.verdict).toMatchObject({ verdict: 'rollback_recommended' });
    expect(body.verdict.left_out).toEqual([]);
  });

  test('away at the trigger, its minutes before are read after it, each of another minute', async () => {
    const { apiKey } = await connected();
    proxy.away = true;
    const startedMs = stage.clock.now();
    const id = await trigger(apiKey);
    proxy.away = false;
    await stage.pass(60);
    const before = await samplesOf(apiKey, id);
    expect(before.map(({ collected_at }) => (startedMs - Date.parse(collected_at)) / 1_000)).toEqual([
      270, 210, 150, 90, 30,
    ]);
  });

  test('a deployment goes on with the source it began with', async () => {
    const { id: projectId, apiKey } = await connected();
    const id = await trigger(apiKey);
    await put(projectId, { type: 'pull', url: stage.app.url });
    expect((await run(projectId)).status).toBe(200);
    await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
    await stage.pass(301);
    const after = (await samplesOf(apiKey, id)).filter(({ phase }) => phase === 'post');
    expect(after).toHaveLength(5);
    for (const sample of after) expect(sample.latency_mean).toBeCloseTo(100, 2);
  });
}
