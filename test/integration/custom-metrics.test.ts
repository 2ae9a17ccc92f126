import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MonitoringServer } from '../../harness/monitoring-server.ts';
import { expectProblem } from '../support/problem.ts';
import { seriesServers } from '../support/series-servers.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { counter, histogram, type SyntheticSeries } from '../support/synthetic-series.ts';

const DURATION = 'http_server_request_duration_seconds';
/** Seconds after the first scrape at which the stage begins: from then on the queue is long and payments are declined. */
const BEGINS = 7_200;
const since = (s: number) => Math.max(0, s - BEGINS);

const SERIES: readonly SyntheticSeries[] = [
  ...histogram(DURATION, 'service_name="shop",http_response_status_code="200"', {
    perSecond: 20,
    mean: 0.1,
    shares: { 0.1: 0.5, 0.2: 0.5 },
  }),
  { series: 'jobs_waiting{service_name="shop"}', at: (s) => (s < BEGINS ? 40 : 160) },
  counter('payments_total{service_name="shop"}', 10),
  { series: 'payments_declined_total{service_name="shop"}', at: (s) => 0.1 * s + 2 * since(s) },
  counter('orders_total{service_name="shop",shop="a"}', 3),
  counter('orders_total{service_name="shop",shop="b"}', 3),
];

const QUEUE = {
  name: 'queue_depth',
  unit: 'jobs',
  kind: 'level',
  worse: 'up',
  matters: { absolute: 20 },
  query: 'sum(jobs_waiting{$selector})',
};
const DECLINED = {
  name: 'declined',
  kind: 'share',
  worse: 'up',
  matters: { absolute: 0.02 },
  query: 'sum(rate(payments_declined_total{$selector}[$window])) / sum(rate(payments_total{$selector}[$window]))',
  events: { query: 'sum(rate(payments_total{$selector}[$window]))' },
};
const ORDERS = {
  name: 'orders',
  unit: 'orders',
  kind: 'rate',
  worse: 'down',
  query: 'sum(rate(orders_total{$selector}[$window]))',
};
const MANY = { name: 'by_shop', kind: 'rate', worse: 'down', query: 'rate(orders_total{$selector}[$window])' };
const BROKEN = { name: 'broken', kind: 'level', worse: 'both', query: 'sum(' };

const [server] = seriesServers('tests of metrics of a team’s own');

describe.skipIf(server?.missing ?? true)('metrics of a team’s own', () => {
  let stage: ClockedStage;
  let prometheus: MonitoringServer;
  let serial = 0;
  beforeAll(async () => {
    if (server === undefined) return;
    const { timeMs } = server;
    const span = { fromMs: timeMs - BEGINS * 1_000, toMs: timeMs + 3_600_000, stepSeconds: 15 };
    prometheus = await server.start(SERIES, span);
    stage = await openClockedStage({}, timeMs);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await prometheus?.[Symbol.asyncDispose]();
  });

  const source = (metrics: unknown) => ({
    type: 'prometheus',
    url: prometheus.url,
    selector: 'service_name="shop"',
    metrics,
  });
  async function project() {
    serial += 1;
    return await stage.api.newProject({ name: `own metrics ${serial}` });
  }
  const put = (id: string, metrics: unknown) => stage.api.operator('PUT', `/projects/${id}/source`, source(metrics));

  test('are set with the source, tried by its test, read, judged, told and shown', async () => {
    const { id, apiKey } = await project();
    const set = await put(id, [QUEUE, DECLINED, ORDERS, MANY, BROKEN]);
    expect(set.body.candidate.metrics[0]).toEqual({
      ...QUEUE,
      matters: { relative: null, absolute: 20 },
      events: 'none',
    });
    expect(set.body.candidate.metrics[1].events).toEqual(DECLINED.events);
    const tested = await stage.api.operator('POST', `/projects/${id}/source/test`, {});
    expect(tested.status).toBe(200);
    const { custom } = tested.body;
    expect(custom.queue_depth).toMatchObject({ value: 40, series: 1, problem: null });
    expect(custom.queue_depth.query).toBe('sum(jobs_waiting{service_name="shop"})');
    expect(custom.declined).toMatchObject({ value: expect.closeTo(0.01, 2), events: expect.closeTo(10, 1) });
    expect(custom.by_shop).toMatchObject({ value: null, series: 2, problem: expect.stringContaining('met 2 series') });
    expect(custom.broken).toMatchObject({ value: null, problem: expect.stringContaining('parse error') });

    const triggered = await stage.api.trigger(apiKey, { env: 'prod' });
    const deploymentId = triggered.body.deployment_id;
    await stage.pass(60);
    await stage.api.finish(apiKey, { deployment_id: deploymentId, result: 'success' });
    await stage.pass(600);
    const headers = { 'X-API-Key': apiKey };
    const { body } = await stage.api.request('GET', `/deployments/${deploymentId}/metrics`, { headers });
    const [first] = body.samples;
    expect(first).toMatchObject({
      phase: 'pre',
      custom: { queue_depth: 40, declined: expect.closeTo(0.01, 4), orders: expect.closeTo(6, 3), by_shop: null },
      custom_missing: { by_shop: 'not_measured', broken: 'not_measured' },
      custom_events: { declined: expect.closeTo(600, 0) },
    });
    const { body: judged } = await stage.api.deployment(apiKey, deploymentId);
    const own = new Map(
      judged.verdict.details
        .filter(({ metric }: { metric: string }) => metric === 'custom')
        .map((finding: { name: string }) => [finding.name, finding]),
    );
    expect([...own.keys()]).toEqual(['queue_depth', 'declined', 'orders', 'by_shop', 'broken']);
    expect(own.get('queue_depth')).toMatchObject({
      unit: 'jobs',
      kind: 'level',
      worse: 'up',
      baseline: 40,
      observed: 160,
    });
    expect(own.get('declined')).toMatchObject({ severity: 'critical', unit: 'ratio' });
    expect(own.get('orders')).toMatchObject({ severity: 'none', unit: 'orders/s' });
    expect(judged.verdict.verdict).toBe('rollback_recommended');
    expect(judged.verdict.headline).toContain('queue_depth rose from 40 jobs to 160 jobs');
    expect(judged.verdict.hints[0].metrics).toContain('custom');

    const again = await stage.api.operator('POST', `/deployments/${deploymentId}/rejudge`, { limits: {} });
    expect(again.body.details).toEqual(judged.verdict.details);
  });

  test.each([
    ['eleven', Array.from({ length: 11 }, (_, i) => ({ ...QUEUE, name: `q${i}` })), 'metrics', /10 at the most/],
    ['the same name twice', [QUEUE, QUEUE], 'metrics', /different names/],
    ['the name of one of the five', [{ ...QUEUE, name: 'cpu_usage' }], 'metrics.0.name', /five numbers/],
    ['markup for a name', [{ ...QUEUE, name: '<b>x' }], 'metrics.0.name', /begin with a letter/],
    ['a prototype for a name', [{ ...QUEUE, name: '__proto__' }], 'metrics.0.name', /begin with a letter/],
    ['a line break in a unit', [{ ...QUEUE, unit: 'a\nb' }], 'metrics.0.unit', /must be a unit/],
    ['a share without events', [{ ...DECLINED, events: 'none' }], 'metrics.0.events', /counts/],
    ['events of a rate', [{ ...ORDERS, events: 'requests' }], 'metrics.0.events', /counts its own/],
    [
      'a share that matters relatively',
      [{ ...DECLINED, matters: { relative: 1 } }],
      'metrics.0.matters.relative',
      /absolute/,
    ],
    ['all of what falls', [{ ...ORDERS, matters: { relative: 1 } }], 'metrics.0.matters.relative', /below 1/],
    ['no query', [{ ...QUEUE, query: ' ' }], 'metrics.0.query', /blank/],
    ['a direction that is none', [{ ...QUEUE, worse: 'left' }], 'metrics.0.worse', /./],
  ])('%s is refused in words', async (_what, metrics, path, message) => {
    const { id } = await project();
    const answer = await put(id, metrics);
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toMatch(message);
  });

  test('names of an object’s own parts, read and shown like others', async () => {
    const { id, apiKey } = await project();
    await put(id, [
      { ...QUEUE, name: 'constructor' },
      { ...QUEUE, name: 'toString', query: 'sum(no_such_metric)' },
    ]);
    await stage.api.operator('POST', `/projects/${id}/source/test`, {});
    const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
    const headers = { 'X-API-Key': apiKey };
    const samples = await stage.api.request('GET', `/deployments/${body.deployment_id}/metrics`, { headers });
    expect(samples.body.samples.at(-1)).toMatchObject({ custom: { toString: null } });
    expect(Object.hasOwn(samples.body.samples[0].custom, 'constructor')).toBe(true);
  });
});
