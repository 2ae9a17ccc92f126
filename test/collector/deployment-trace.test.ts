import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findCollector, startCollector } from '../../harness/collector.ts';
import { type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { type OtlpSink, openOtlpSink, resourceOf, type Span } from '../../harness/otlp-sink.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase } from '../support/database.ts';
import { ADMIN_TOKEN } from '../support/service.ts';

const collector = findCollector('the tests of a deployment’s trace through the Collector are');

const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;
const CI_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CI_SPAN = '00f067aa0ba902b7';
/** One pre collect, five post collects. */
const COLLECTS = [...Array<string>(5).fill('process post_collect'), 'process pre_collect'];
const VERDICT = 'insert into seqpulse.verdicts';

interface Deployed {
  readonly id: string;
  readonly apiKey: string;
  readonly hmacSecret: string;
  /** Spans that carry its id. */
  readonly spans: readonly Span[];
}

describe.skipIf(collector.missing)('a deployment, seen through the Collector with tail sampling', () => {
  const opened = new AsyncDisposableStack();
  let sink: OtlpSink;
  let service: ServiceProcess;
  let app: ObservedApp;
  let withTraceparent: Deployed;
  let without: Deployed;

  beforeAll(async () => {
    sink = opened.use(await openOtlpSink());
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-trace-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    const toSink = join(folder, 'to-sink.yaml');
    writeFileSync(
      toSink,
      stringify({
        exporters: {
          'otlp_http/sink': { endpoint: sink.url, compression: 'none' },
          'otlp_http/logs': { compression: 'none' },
        },
        service: { pipelines: { traces: { exporters: ['otlp_http/sink'] } } },
      }),
    );
    const { otlpUrl } = opened.use(
      await startCollector({
        layers: ['traces-backend', 'traces-tail-sampling', 'logs-backend'],
        moreFiles: [toSink],
        env: { TAIL_DECISION_WAIT: '500ms', LOGS_BACKEND: sink.url },
      }),
    );
    const database = opened.use(await createTestDatabase());
    app = opened.use(await startObservedApp());
    service = opened.use(
      await startServiceProcess({
        DATABASE_URL: database.url,
        SEQPULSE_PRE_SAMPLES: '1',
        SEQPULSE_POST_INTERVAL_SECONDS: '0.1',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_BSP_SCHEDULE_DELAY: '100',
        OTEL_BLRP_SCHEDULE_DELAY: '100',
      }),
    );
    withTraceparent = await deploy('with', { traceparent: `00-${CI_TRACE}-${CI_SPAN}-01` });
    without = await deploy('without', {});
  });
  afterAll(async () => await opened.disposeAsync());

  async function deploy(name: string, headers: Record<string, string>): Promise<Deployed> {
    const { api } = service;
    const project = await api.newProject({ name, endpoint: `${app.url}?token=target-secret` });
    const hmacSecret = (await api.operator('POST', `/projects/${project.id}/hmac`)).body.hmac_secret as string;
    const { apiKey } = project;
    const key = { 'X-API-Key': apiKey, ...headers };
    const triggered = await api.request('POST', '/deployments/trigger?token=caller-secret', {
      body: { env: 'prod', branch: 'main', nobody_knows: 'only-in-a-body' },
      headers: key,
    });
    const id = triggered.body.deployment_id as string;
    await until('a sample from before', 30, async () => {
      const { body } = await api.request('GET', `/deployments/${id}/metrics`, { headers: { 'X-API-Key': apiKey } });
      return body.samples.length > 0;
    });
    await api.request('POST', '/deployments/finish', { body: { deployment_id: id, result: 'success' }, headers: key });
    await until('a verdict', 45, async () => (await api.deployment(apiKey, id)).body.verdict !== null);
    const spans = await until('all its spans', 30, () => {
      const own = sink.spans().filter(({ attributes }) => attributes['seqpulse.deployment.id'] === id);
      return isComplete(own) ? own : null;
    });
    return { id, apiKey, hmacSecret, spans };
  }

  /** The collects and the analysis that gave the verdict are there, and of no span the parent is still on its way. */
  function isComplete(spans: readonly Span[]): boolean {
    const known = new Set([CI_SPAN, '', ...spans.map(({ spanId }) => spanId)]);
    const collects = spans.filter(({ name }) => COLLECTS.includes(name));
    return (
      collects.length === COLLECTS.length &&
      spans.some(({ attributes }) => attributes['db.query.text']?.includes(VERDICT)) &&
      spans.every(({ parentSpanId }) => known.has(parentSpanId))
    );
  }

  /** The analysis job that gave the verdict; one that came too early and waits for a collect is a span before it. */
  function analysisOf({ spans }: Deployed): Span {
    const insert = spans.find(({ attributes }) => attributes['db.query.text']?.includes(VERDICT));
    const analysis = spans.find(({ spanId }) => spanId === insert?.parentSpanId);
    if (analysis?.name !== 'process analysis') throw new Error(`the verdict hangs on ${analysis?.name}`);
    return analysis;
  }

  const named = ({ spans }: Deployed, name: string) => spans.filter((span) => span.name === name);
  const only = (deployed: Deployed, name: string): Span => {
    const [span, ...more] = named(deployed, name);
    if (span === undefined || more.length > 0) throw new Error(`${more.length + 1} spans ${name}`);
    return span;
  };
  const kinds = ({ spans }: Deployed, kind: number) =>
    spans
      .filter((span) => span.kind === kind)
      .map(({ name }) => name)
      .sort();

  describe('whose CI sends a traceparent with both calls', () => {
    test('is one trace under the CI’s span: both requests, every collect, the analysis', () => {
      expect(new Set(withTraceparent.spans.map(({ traceId }) => traceId))).toEqual(new Set([CI_TRACE]));
      expect(kinds(withTraceparent, SERVER)).toEqual(['POST /deployments/finish', 'POST /deployments/trigger']);
      expect(kinds(withTraceparent, CONSUMER).filter((name) => name !== 'process analysis')).toEqual(COLLECTS);
      const trigger = only(withTraceparent, 'POST /deployments/trigger');
      const finish = only(withTraceparent, 'POST /deployments/finish');
      expect([trigger.parentSpanId, finish.parentSpanId]).toEqual([CI_SPAN, CI_SPAN]);
      expect(only(withTraceparent, 'process pre_collect').parentSpanId).toBe(trigger.spanId);
      for (const job of [...named(withTraceparent, 'process post_collect'), analysisOf(withTraceparent)]) {
        expect(job.parentSpanId).toBe(finish.spanId);
      }
    });

    test('every span of that trace carries the deployment’s id, and hangs on a span that is there', () => {
      const all = sink.spans().filter(({ traceId }) => traceId === CI_TRACE);
      expect(all.length).toBe(withTraceparent.spans.length);
      const known = new Set([CI_SPAN, ...all.map(({ spanId }) => spanId)]);
      expect(all.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([]);
    });

    test('the statements of each step hang on it: the analysis’ verdict, a collect’s sample, the trigger’s row', () => {
      const statementsOf = (parent: Span) =>
        withTraceparent.spans
          .filter(({ parentSpanId, attributes }) => parentSpanId === parent.spanId && 'db.query.text' in attributes)
          .map(({ attributes }) => attributes['db.query.text'])
          .join('\n');
      expect(statementsOf(analysisOf(withTraceparent))).toMatch(/insert into seqpulse.verdicts[\s\S]*commit$/);
      expect(statementsOf(only(withTraceparent, 'process pre_collect'))).toContain('seqpulse.samples');
      // Long statements are cut: of the one that stores the row, the numbering is left.
      expect(statementsOf(only(withTraceparent, 'POST /deployments/trigger'))).toMatch(
        /last_deployment_number[\s\S]*insert into pgboss.job_common[\s\S]*commit$/i,
      );
    });

    test('the observed application is asked within it: its own spans would hang on the reading', () => {
      const readings = withTraceparent.spans.filter(({ attributes }) => attributes['url.path'] === '/metrics');
      const asked = app.requests
        .map(({ traceparent }) => String(traceparent))
        .filter((text) => text.includes(CI_TRACE));
      // Six collects, and the signed reading before the deployment.
      expect(readings).toHaveLength(7);
      expect(asked.sort()).toEqual(readings.map(({ spanId }) => `00-${CI_TRACE}-${spanId}-01`).sort());
    });

    test('needs no links', () => {
      expect(withTraceparent.spans.flatMap(({ links }) => links)).toEqual([]);
    });
  });

  describe('whose CI knows no traces', () => {
    test('has the finish and what follows linked to the trigger’s trace', () => {
      const trigger = only(without, 'POST /deployments/trigger');
      const finish = only(without, 'POST /deployments/finish');
      expect(trigger.parentSpanId).toBe('');
      expect(finish.traceId).not.toBe(trigger.traceId);
      const following = [finish, analysisOf(without), ...named(without, 'process post_collect')];
      for (const span of following) {
        expect(span.traceId).toBe(finish.traceId);
        expect(span.links).toEqual([{ traceId: trigger.traceId, spanId: trigger.spanId }]);
      }
      expect(only(without, 'process pre_collect')).toMatchObject({ parentSpanId: trigger.spanId, links: [] });
    });

    test('has its id on every span of both traces', () => {
      const traces = new Set(without.spans.map(({ traceId }) => traceId));
      expect(traces.size).toBe(2);
      const all = sink.spans().filter(({ traceId }) => traces.has(traceId));
      expect(all.length).toBe(without.spans.length);
    });
  });

  test('attributes have the names of the semantic conventions, span names are templates', () => {
    const required: Record<number, readonly string[]> = {
      [SERVER]: ['http.request.method', 'http.response.status_code', 'http.route', 'url.path', 'url.scheme'],
      [CONSUMER]: [
        'messaging.system',
        'messaging.operation.name',
        'messaging.destination.name',
        'messaging.message.id',
      ],
    };
    for (const span of [...withTraceparent.spans, ...without.spans]) {
      const statement = ['db.system.name', 'db.namespace', 'server.address'];
      const call = ['http.request.method', 'server.address', 'url.full'];
      const isStatement = 'db.system.name' in span.attributes;
      const names = span.kind === CLIENT ? (isStatement ? statement : call) : (required[span.kind] ?? []);
      expect(Object.keys(span.attributes)).toEqual(expect.arrayContaining([...names]));
      expect(span.name).not.toContain(withTraceparent.id);
      expect(span.name).not.toContain(without.id);
    }
  });

  test('no key, secret, query string or body is on a span or a log record', () => {
    const sent = sink.received.map(({ body }) => body.toString('latin1')).join('\n');
    expect(sent).toContain(withTraceparent.id);
    const secrets = [withTraceparent, without].flatMap(({ apiKey, hmacSecret }) => [apiKey, hmacSecret]);
    expect(secrets.every((secret) => secret?.length > 10)).toBe(true);
    for (const secret of [...secrets, ADMIN_TOKEN, 'caller-secret', 'target-secret', 'only-in-a-body']) {
      expect(sent).not.toContain(secret);
    }
    expect(sent).not.toContain('url.query');
  });

  test('a request that is neither slow nor wrong nor a deployment’s is dropped by the Collector', () => {
    const polls = service.logged.filter(({ route }) => route === '/deployments/{id}');
    expect(polls.length).toBeGreaterThan(0);
    const kept = sink.spans().filter(({ name }) => name === 'GET /deployments/{id}');
    // Only one that took more than half a second on a busy machine.
    const slow = polls.filter(({ duration_ms: durationMs }) => Number(durationMs) > 450);
    expect(kept.length).toBeLessThanOrEqual(slow.length);
  });

  test('each log line inside a request or job names its trace and span', () => {
    const own = service.logged.filter(({ deployment_id: id }) => id === withTraceparent.id);
    for (const line of own) expect(line).toMatchObject({ trace_id: expect.any(String), span_id: expect.any(String) });
    const story = own.filter(({ method }) => method !== 'GET');
    expect(story.map(({ event }) => event)).toEqual(
      expect.arrayContaining([
        'http_request',
        'deployment_started',
        'deployment_finished',
        'sample_collected',
        'verdict',
      ]),
    );
    const spanIds = new Set(withTraceparent.spans.map(({ spanId }) => spanId));
    for (const line of story) {
      expect(line).toMatchObject({ trace_id: CI_TRACE });
      expect(spanIds).toContain(line.span_id);
    }
  });

  test('the lines arrive as log records with severity and trace, as they were printed', async () => {
    const verdict = service.logged.find(
      ({ event, deployment_id: id }) => event === 'verdict' && id === withTraceparent.id,
    );
    const record = await until('the verdict’s log record', 15, () =>
      sink.logRecords().find(({ eventName, traceId }) => eventName === 'verdict' && traceId === CI_TRACE),
    );
    expect(record).toMatchObject({
      severityNumber: 9,
      severityText: 'info',
      body: verdict?.msg,
      spanId: verdict?.span_id,
      attributes: { 'seqpulse.deployment.id': withTraceparent.id, 'seqpulse.verdict.name': verdict?.verdict },
    });
    const body = sink.received.find(({ path }) => path === '/v1/logs')?.body ?? Buffer.alloc(0);
    expect(resourceOf(body)).toMatchObject({ 'service.name': 'seqpulse-backend' });
  });
});
