import { SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { createStatementSpans } from '../../src/tracing/statement-spans.ts';

const exporter = new InMemorySpanExporter();
const sdk = new NodeSDK({
  autoDetectResources: false,
  metricReaders: [],
  logRecordProcessors: [],
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
sdk.start();
afterAll(async () => await sdk.shutdown());
beforeEach(() => exporter.reset());

const answering: Queryable = { query: async () => ({ rows: [] }) as never };
const traced = (connection: Queryable) =>
  createStatementSpans('postgres://me:sesame@db.example:5433/seqpulse%20x')(connection);
const inSpan = async (work: () => Promise<unknown>) =>
  await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await work().finally(() => span.end());
  });
const statements = () => exporter.getFinishedSpans().filter(({ name }) => name !== 'request');

test('is named after its summary', async () => {
  await inSpan(async () => await traced(answering).query('insert into seqpulse.samples (a) values ($1)'));
  expect(statements().map((span) => span.name)).toEqual(['INSERT seqpulse.samples']);
});

test('has the attributes of the conventions, neither user, password nor parameters', async () => {
  await inSpan(async () => await traced(answering).query('select $1 from t', ['sesame-parameter']));
  expect(statements()[0]?.attributes).toEqual({
    'db.system.name': 'postgresql',
    'db.namespace': 'seqpulse x',
    'db.query.summary': 'SELECT t',
    'db.query.text': 'select $1 from t',
    'server.address': 'db.example',
    'server.port': 5433,
  });
});

test.each([
  [
    'postgres://me:sesame@/words?host=/run/postgresql',
    { 'db.namespace': 'words', 'server.address': '/run/postgresql' },
  ],
  ['postgres://me:sesame@%2Frun%2Fpostgresql/words', { 'db.namespace': 'words', 'server.address': '/run/postgresql' }],
  ['postgres://a:1,b:2/100%?target_session_attrs=read-write', { 'db.namespace': '100%', 'server.address': 'a' }],
])('names the place that %s does', async (url, place) => {
  await inSpan(async () => await createStatementSpans(url)(answering).query('select 1'));
  const attributes = statements()[0]?.attributes;
  expect(attributes).toMatchObject(place);
  expect(JSON.stringify(attributes)).not.toContain('sesame');
});

test('a database that the URL does not name is none', async () => {
  await inSpan(async () => await createStatementSpans('postgres://me@db.example')(answering).query('select 1'));
  expect(statements()[0]?.attributes).not.toHaveProperty('db.namespace');
});

test('an error has its code and not its message, and reaches the caller', async () => {
  const refused = Object.assign(new Error('Key (name)=(sesame) exists'), { code: '23505' });
  const refusing: Queryable = { query: async () => await Promise.reject(refused) };
  await expect(inSpan(async () => await traced(refusing).query('select 1'))).rejects.toBe(refused);
  const [span] = statements();
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(span?.attributes).toMatchObject({ 'error.type': '23505', 'db.response.status_code': '23505' });
  expect(span?.events).toEqual([]);
});

test.each(['begin', 'rollback'])('%s makes no span', async (text) => {
  await inSpan(async () => await traced(answering).query(text));
  expect(statements()).toEqual([]);
});

test('outside of a request or job there is no span', async () => {
  await traced(answering).query('select 1');
  expect(exporter.getFinishedSpans()).toEqual([]);
});
