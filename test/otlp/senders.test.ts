import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { decodePoints } from '../../src/sources/otlp/decode-stored.ts';
import { openStage, type Stage } from '../support/stage.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const hasSdk = spawnSync(PYTHON, ['-c', 'import opentelemetry.exporter.otlp.proto.http']).status === 0;
if (!hasSdk)
  console.warn(
    'test of what Python’s SDK sends skipped. To run it: pip install -r test/applications/requirements.txt in .venv',
  );

// Not spawnSync: the service lives in this process.
const run = promisify(execFile);

let stage: Stage;
let serial = 0;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.[Symbol.asyncDispose]());

async function project() {
  serial += 1;
  return await stage.api.newProject({ name: `sender ${serial}` });
}

/** All that is kept of a project, once it is there. */
async function keptOf(projectId: string, exports: number) {
  return await until('all exports to be kept', 30, async () => {
    const rows = await stage.database.query<{ service_version: string; points: Buffer }>(
      'select service_version, points from seqpulse.otlp_points where project_id = $1',
      [projectId],
    );
    const points = rows.flatMap(({ points: bytes }) => decodePoints(bytes).flatMap((sender) => sender.points));
    const times = new Set(points.filter(({ instrument }) => instrument === 1).map(({ timeMs }) => timeMs));
    return times.size >= exports ? { points, versions: new Set(rows.map((row) => row.service_version)) } : null;
  });
}

describe.each([
  ['protobuf', ProtobufExporter],
  ['json', JsonExporter],
] as const)('the SDK of JavaScript in %s', (_, Exporter) => {
  test.each([
    ['cumulative', 'explicit'],
    ['cumulative', 'exponential'],
    ['delta', 'explicit'],
    ['delta', 'exponential'],
  ] as const)('%s, %s', async (temporality, shape) => {
    const { id, apiKey } = await project();
    const reader = new PeriodicExportingMetricReader({
      exportIntervalMillis: 3_600_000,
      exporter: new Exporter({
        url: `${stage.running.service.url}/v1/metrics`,
        headers: { 'X-API-Key': apiKey },
        temporalityPreference:
          temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
      } as never),
    });
    const provider = new MeterProvider({
      resource: resourceFromAttributes({ 'service.name': 'shop', 'service.version': '2.0' }),
      readers: [reader],
      views: [
        {
          instrumentName: 'http.server.request.duration',
          aggregation:
            shape === 'exponential'
              ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
              : { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0.1, 0.2, 0.4] } },
        },
      ],
    });
    const histogram = provider.getMeter('shop').createHistogram('http.server.request.duration', { unit: 's' });
    const cpu = provider.getMeter('shop').createGauge('process.cpu.utilization');
    for (let round = 0; round < 3; round += 1) {
      for (let call = 0; call < 20; call += 1) {
        histogram.record(0.15, { 'http.response.status_code': call === 0 ? 500 : 200, 'http.route': '/' });
      }
      cpu.record(0.25);
      await provider.forceFlush();
    }
    await provider.shutdown();
    const { points, versions } = await keptOf(id, 3);
    expect([...versions]).toEqual(['2.0']);
    expect(new Set(points.map((point) => point.temporality))).toEqual(new Set([temporality, 'level']));
    const counts = points.filter(({ instrument, part }) => instrument === 1 && part === 0);
    const newest = counts.sort((a, b) => b.timeMs - a.timeMs)[0]?.value;
    if (typeof newest !== 'object') throw new Error('no distribution');
    // After the third round; what is shut down flushes once more, and of differences that is nothing.
    expect([temporality === 'delta' ? 19 : 57, 0]).toContain(newest.count);
    expect('scale' in newest.buckets).toBe(shape === 'exponential');
  });
});

describe.skipIf(!hasSdk)('the SDK of Python', () => {
  test('exports what is kept', async () => {
    const { id, apiKey } = await project();
    const program = `
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
provider = MeterProvider(metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter())], resource=Resource.create())
histogram = provider.get_meter("shop").create_histogram("http.server.request.duration", unit="s")
for round in range(2):
    for call in range(20):
        histogram.record(0.15, {"http.response.status_code": 200, "http.route": "/"})
    provider.force_flush()
provider.shutdown()
`;
    const ran = await run(PYTHON, ['-c', program], {
      env: {
        PATH: process.env.PATH ?? '',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${stage.running.service.url}/v1/metrics`,
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: `X-API-Key=${apiKey}`,
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,service.version=3.1,deployment.environment.name=prod',
      },
    });
    expect(ran.stderr).toBe('');
    const { points, versions } = await keptOf(id, 2);
    expect([...versions]).toEqual(['3.1']);
    expect(Math.max(...points.map(({ value }) => (typeof value === 'number' ? 0 : value.count)))).toBe(40);
  });
});
