import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identityOf } from './exposition.ts';
import { Message } from './protobuf.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Span {
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 2 error. */
  readonly statusCode: number;
}

export interface LogRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OtlpSink extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Resolves when a request for `path` satisfies `done`, looking at those that came already first. */
  waitFor(path: string, done?: (received: Received) => boolean): Promise<Received>;
  /** Every span received so far. */
  spans(): Span[];
  /** Every log record received so far. */
  logRecords(): LogRecord[];
}

/** A stand-in for a Collector on the loopback: keeps what it is sent. */
export async function openOtlpSink(
  answer: (response: ServerResponse) => void = (response) => response.end(),
  port = 0,
): Promise<OtlpSink> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
    for (const check of waiting) check();
    answer(response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async waitFor(path, done = () => true) {
      const { promise, resolve } = Promise.withResolvers<Received>();
      const check = (): void => {
        const found = received.find((request) => request.path === path && done(request));
        if (found !== undefined) resolve(found);
      };
      waiting.add(check);
      check();
      try {
        return await promise;
      } finally {
        waiting.delete(check);
      }
    },
    spans: () => received.filter(({ path }) => path === '/v1/traces').flatMap(({ body }) => spansOf(body)),
    logRecords: () => received.filter(({ path }) => path === '/v1/logs').flatMap(({ body }) => logRecordsOf(body)),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface MetricPoint {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Every data point of an ExportMetricsServiceRequest. */
export function metricPointsOf(body: Buffer): MetricPoint[] {
  const points: MetricPoint[] = [];
  for (const metric of metricsOf(body)) {
    // Gauge, sum, histogram; the attributes of a point are field 7, in a histogram field 9.
    for (const [kind, attributes] of [
      [5, 7],
      [7, 7],
      [9, 9],
    ] as const) {
      for (const data of metric.messages(kind)) {
        for (const point of data.messages(1)) {
          points.push({
            name: metric.text(1),
            unit: metric.text(3),
            attributes: attributesOf(point.messages(attributes)),
          });
        }
      }
    }
  }
  return points;
}

/** Names and label sets of an ExportMetricsServiceRequest, in the form of identitiesOf(). */
export function metricIdentitiesOf(body: Buffer): string[] {
  return metricPointsOf(body)
    .map(({ name, attributes }) => identityOf(name, attributes))
    .sort();
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
}

/** The instrumentation scopes in a request, of whichever signal. */
export function scopesOf(body: Buffer): Scope[] {
  const scopes = new Message(body).messages(1).flatMap((resource) => resource.messages(2));
  return scopes.map((scope) => ({
    name: scope.messages(1)[0]?.text(1) ?? '',
    version: scope.messages(1)[0]?.text(2) ?? '',
    schemaUrl: scope.text(3),
  }));
}

/** Names of the metrics in an ExportMetricsServiceRequest. */
export function metricNamesOf(body: Buffer): string[] {
  return metricsOf(body).map((metric) => metric.text(1));
}

/** The resource attributes of the first part of a request, of whichever signal. */
export function resourceOf(body: Buffer): Record<string, string> {
  const resource = new Message(body).messages(1)[0]?.messages(1)[0];
  return attributesOf(resource?.messages(1) ?? []);
}

function metricsOf(body: Buffer): Message[] {
  const resources = new Message(body).messages(1);
  return resources.flatMap((resource) => resource.messages(2)).flatMap((scope) => scope.messages(2));
}

/** The spans of an ExportTraceServiceRequest. */
export function spansOf(body: Buffer): Span[] {
  const resources = new Message(body).messages(1);
  const spans = resources.flatMap((resource) => resource.messages(2)).flatMap((scope) => scope.messages(2));
  return spans.map((span) => ({
    name: span.text(5),
    kind: span.number(6),
    traceId: span.hex(1),
    spanId: span.hex(2),
    parentSpanId: span.hex(4),
    attributes: attributesOf(span.messages(9)),
    links: span.messages(13).map((link) => ({ traceId: link.hex(1), spanId: link.hex(2) })),
    statusCode: span.messages(15)[0]?.number(3) ?? 0,
  }));
}

function logRecordsOf(body: Buffer): LogRecord[] {
  const resources = new Message(body).messages(1);
  const records = resources.flatMap((resource) => resource.messages(2)).flatMap((scope) => scope.messages(2));
  return records.map((record) => ({
    eventName: record.text(12),
    severityNumber: record.number(2),
    severityText: record.text(3),
    body: record.messages(5)[0]?.text(1) ?? '',
    traceId: record.hex(9),
    spanId: record.hex(10),
    attributes: attributesOf(record.messages(6)),
  }));
}

function attributesOf(keyValues: readonly Message[]): Record<string, string> {
  return Object.fromEntries(
    keyValues.map((keyValue) => {
      const value = keyValue.messages(2)[0];
      return [keyValue.text(1), value === undefined ? '' : valueText(value)];
    }),
  );
}

/** An AnyValue: string, double, array (its values with commas), or a whole number. */
function valueText(value: Message): string {
  if (value.bytes(1) !== undefined) return value.text(1);
  if (value.double(4) !== undefined) return String(value.double(4));
  const [array] = value.messages(5);
  return array === undefined ? String(value.number(3)) : array.messages(1).map(valueText).join();
}
