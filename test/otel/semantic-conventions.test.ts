import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import {
  type MetricPoint,
  metricPointsOf,
  type OtlpSink,
  openOtlpSink,
  resourceOf,
  scopesOf,
} from '../../harness/otlp-sink.ts';
import { startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { allMetrics } from '../../otel/catalog/catalog.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { SCHEMA_URL, SCOPE_NAME } from '../../src/model/telemetry.ts';
import { createTestDatabase } from '../support/database.ts';

/** Attributes of ours that no stable convention has and that are not under `seqpulse.`: each with its reason. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  'messaging.system': 'jobs are messages, and there is no stable convention for these yet',
  'messaging.operation.type': 'as above',
  'messaging.operation.name': 'as above',
  'messaging.destination.name': 'as above',
  'messaging.message.id': 'as above',
  'deployment.id': 'which deployment a verdict is about; the conventions have the names, in development',
  'deployment.name': 'as above',
  'deployment.status': 'as above',
  'cicd.pipeline.result': 'as above',
  'cicd.pipeline.run.url.full': 'as above',
  'vcs.ref.head.name': 'as above',
  'vcs.ref.head.revision': 'as above',
  'process.runtime.name': 'dashboards want to tell versions of the runtime apart; nothing stable says it',
  'process.runtime.version': 'as above',
  'process.runtime.description': 'as above',
  'nodejs.eventloop.state': 'instruments of the runtime’s own library, which follows the conventions in development',
  'v8js.gc.type': 'as above',
  'v8js.heap.space.name': 'as above',
};

/** Names of the registry: constants that begin with `prefix`. */
function registry(module: object, prefix: string): ReadonlySet<string> {
  const constants = Object.entries(module).filter(
    ([name, value]) => name.startsWith(prefix) && typeof value === 'string',
  );
  return new Set(constants.map(([, value]) => value as string));
}

const stableAttributes = registry(stable, 'ATTR_');
const allAttributes = registry(incubating, 'ATTR_');
const knownMetrics = registry(incubating, 'METRIC_');

/** Those that are neither stable, nor ours, nor a deviation that the registry at least knows. */
function violations(names: Iterable<string>): string[] {
  const conforms = (name: string) =>
    stableAttributes.has(name) || name.startsWith('seqpulse.') || (name in DEVIATIONS && allAttributes.has(name));
  return [...new Set(names)].filter((name) => !conforms(name)).sort();
}

const namesOf = (records: Iterable<{ readonly attributes: object }>): string[] =>
  [...records].flatMap(({ attributes }) => Object.keys(attributes));

describe('what the catalogue records', () => {
  test('has attributes and instruments of the registry, or of our own', () => {
    expect(violations(allMetrics.flatMap(({ labels }) => labels.map(({ attribute }) => attribute)))).toEqual([]);
    const foreign = allMetrics
      .map(({ recordedAs }) => recordedAs.instrument)
      .filter((instrument) => !instrument.startsWith('seqpulse.') && !knownMetrics.has(instrument));
    expect(foreign).toEqual([]);
  });

  test('has a convention exactly where the instrument is one of the registry', () => {
    for (const { recordedAs, convention } of allMetrics) {
      expect(convention !== undefined, recordedAs.instrument).toBe(knownMetrics.has(recordedAs.instrument));
      expect(violations(convention?.attributes ?? [])).toEqual([]);
    }
  });
});

test('the schema is that of the installed conventions', () => {
  expect(SCHEMA_URL).toBe(
    `https://opentelemetry.io/schemas/${packageJson.dependencies['@opentelemetry/semantic-conventions']}`,
  );
});

const SAID_BY_CI = {
  branch: 'main',
  version: '1.4.2',
  commit_sha: '8f3c0a1',
  build_url: 'https://me:secret-of-ci@ci.example/runs/42?buildId=7&sig=caller-secret',
  actor: 'somebody-in-person',
  service: 'checkout',
};

describe('what a running service emits', () => {
  const opened = new AsyncDisposableStack();
  let sink: OtlpSink;
  let points: MetricPoint[];
  let deploymentId: string;

  /** A deployment until its verdict, an endpoint that fails, and requests that no route or method fits. */
  beforeAll(async () => {
    const database = opened.use(await createTestDatabase());
    sink = opened.use(await openOtlpSink());
    const app = opened.use(await startObservedApp());
    const service = await startServiceProcess({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'trace',
      SEQPULSE_PRE_SAMPLES: '1',
      SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
      SEQPULSE_RETRY_DELAYS_SECONDS: 'none',
      SEQPULSE_OTLP_METRIC_NAMES: 'both',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
    });
    opened.use(service);
    const { api } = service;
    const { apiKey } = await api.newProject({ name: 'one', endpoint: app.url });
    deploymentId = (await api.trigger(apiKey, { env: 'prod', ...SAID_BY_CI })).body.deployment_id;
    const samples = async () =>
      (await api.request('GET', `/deployments/${deploymentId}/metrics`, { headers: { 'X-API-Key': apiKey } })).body
        .samples;
    await until('a sample from before', 60, async () => (await samples()).length > 0);
    app.behaviour = (response) => {
      response.statusCode = 500;
      response.end();
    };
    await api.finish(apiKey, { deployment_id: deploymentId, result: 'success' });
    await until('a verdict', 60, async () => (await api.deployment(apiKey, deploymentId)).body.verdict !== null);
    for (const method of ['PURGE', 'QUERY']) {
      expect((await api.request(method, '/deployments?token=caller-secret')).status).toBe(405);
    }
    await api.request('GET', '/nowhere');
    await api.request('POST', '/deployments/trigger', { rawBody: '{' });
    await api.request('GET', '/metrics');
    service.kill('SIGTERM');
    await service.exited;
    points = sink.received.filter(({ path }) => path === '/v1/metrics').flatMap(({ body }) => metricPointsOf(body));
  }, 180_000);
  afterAll(async () => await opened.disposeAsync());

  test('has only attributes of the registry, our own, and the deviations that are listed', () => {
    const resources = sink.received.map(({ body }) => ({ attributes: resourceOf(body) }));
    const conventional = points.filter(({ name }) => knownMetrics.has(name));
    expect(sink.spans().length).toBeGreaterThan(20);
    expect(sink.logRecords().length).toBeGreaterThan(10);
    const emitted = [
      ...namesOf(sink.spans()),
      ...namesOf(sink.logRecords()),
      ...namesOf(conventional),
      ...namesOf(resources),
    ];
    expect(violations(emitted)).toEqual([]);
    expect(Object.keys(DEVIATIONS).filter((name) => !emitted.includes(name))).toEqual([]);
  });

  test('tells a verdict once as an event, and on the span that gave it, with what CI said and nobody’s name', () => {
    const events = sink.logRecords().filter(({ eventName }) => eventName === 'seqpulse.deployment.verdict');
    expect(events).toHaveLength(1);
    const [event] = events;
    const told = {
      'seqpulse.deployment.id': deploymentId,
      'seqpulse.deployment.number': '1',
      'seqpulse.project.name': 'one',
      'seqpulse.observed.environment.name': 'prod',
      'seqpulse.observed.service.name': 'checkout',
      'seqpulse.observed.service.version': '1.4.2',
      'seqpulse.verdict.name': 'insufficient_data',
      'seqpulse.verdict.confidence': '0',
      'seqpulse.verdict.headline': 'not enough data to say',
      'seqpulse.verdict.failed_metrics': '',
      'deployment.id': deploymentId,
      'deployment.name': 'one #1',
      'deployment.status': 'succeeded',
      'cicd.pipeline.result': 'success',
      'cicd.pipeline.run.url.full': 'https://REDACTED:REDACTED@ci.example/runs/42?buildId=7&sig=REDACTED',
      'vcs.ref.head.name': 'main',
      'vcs.ref.head.revision': '8f3c0a1',
    };
    expect(event).toMatchObject({ severityNumber: 9, severityText: 'INFO', body: expect.stringMatching(/\S/) });
    expect(event?.attributes).toEqual(told);
    const analysis = sink.spans().filter(({ attributes }) => 'seqpulse.verdict.name' in attributes);
    expect(analysis.map(({ name, spanId, traceId }) => ({ name, spanId, traceId }))).toEqual([
      { name: 'process analysis', spanId: event?.spanId, traceId: event?.traceId },
    ]);
    expect(analysis[0]?.attributes).toMatchObject(told);
    const sent = sink.received.map(({ body }) => body.toString('latin1')).join();
    expect(sent).not.toMatch(/somebody-in-person|secret-of-ci/);
  });

  test('has metrics of the catalogue with its labels, or of the registry, in the units of both', () => {
    for (const { name, unit, attributes } of points.filter((point) => !knownMetrics.has(point.name))) {
      const metric = allMetrics.find((each) => each.name === name);
      expect(metric?.unit, name).toBe(unit);
      expect(metric?.labels.map((label) => label.name)).toEqual(expect.arrayContaining(Object.keys(attributes)));
    }
    const byConvention = allMetrics.filter(({ convention }) => convention !== undefined);
    for (const { recordedAs, unit } of byConvention) {
      expect(points.find(({ name }) => name === recordedAs.instrument)?.unit, recordedAs.instrument).toBe(unit);
    }
  });

  test('has scopes with a version, our own with the schema too', () => {
    const scopes = sink.received.flatMap(({ body }) => scopesOf(body));
    expect(scopes.filter(({ version }) => version === '')).toEqual([]);
    const own = scopes.filter(({ name }) => name === SCOPE_NAME);
    expect(own.length).toBeGreaterThan(3);
    for (const scope of own) expect(scope).toMatchObject({ version: packageJson.version, schemaUrl: SCHEMA_URL });
  });

  test('names a method that the conventions do not know HTTP in spans and _OTHER in metrics, and keeps QUERY', () => {
    const spans = sink.spans().filter(({ attributes }) => attributes['http.response.status_code'] === '405');
    expect(
      spans.map(({ name, attributes }) => [
        name,
        attributes['http.request.method'],
        attributes['http.request.method_original'],
      ]),
    ).toEqual([
      ['HTTP /deployments', '_OTHER', 'PURGE'],
      ['QUERY /deployments', 'QUERY', undefined],
    ]);
    const methods = points
      .filter(({ name, attributes }) => name === 'seqpulse_http_requests_total' && attributes.status_code === '405')
      .map(({ attributes }) => attributes.method);
    expect([...new Set(methods)].sort()).toEqual(['QUERY', '_OTHER']);
  });

  test('has each request counted once, with spans too', () => {
    const last = sink.received.filter(({ path }) => path === '/v1/metrics').at(-1);
    const identities = metricPointsOf(last?.body ?? Buffer.alloc(0)).filter(({ name }) =>
      name.includes('request.duration'),
    );
    expect([...new Set(identities.map(({ name }) => name))]).toEqual(['http.server.request.duration']);
  });

  test('has a summary for each statement, the deployment’s id on what belongs to it, and no query string anywhere', () => {
    const statements = sink.spans().filter(({ attributes }) => 'db.query.text' in attributes);
    expect(statements.map(({ name }) => name)).toEqual(
      statements.map(({ attributes }) => attributes['db.query.summary']),
    );
    expect(statements.map(({ name }) => name)).toContain('COMMIT');
    const trigger = sink.spans().find(({ name }) => name === 'POST /deployments/trigger');
    expect(trigger?.attributes['seqpulse.deployment.id']).toBe(deploymentId);
    expect(sink.received.map(({ body }) => body.toString('latin1')).join()).not.toContain('caller-secret');
  });
});
