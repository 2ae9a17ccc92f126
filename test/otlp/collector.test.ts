import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCollector, startCollector } from '../../harness/collector.ts';
import { createProtobufCodec, duration, exportOf } from '../../harness/otlp-bodies.ts';
import { until } from '../../harness/until.ts';
import { decodePoints } from '../../src/sources/otlp/decode-stored.ts';
import { openStage, type Stage } from '../support/stage.ts';

const codec = createProtobufCodec();
const { missing } = findCollector('tests of what a Collector sends');

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await openStage();
  folder = mkdtempSync(join(tmpdir(), 'seqpulse-collector-'));
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The exporter block of docs/connect.md, in a pipeline of its own. */
function exporterFile(key: string): string {
  const file = join(folder, 'seqpulse.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      exporters: {
        'otlphttp/seqpulse': {
          metrics_endpoint: `${stage.running.service.url}/v1/metrics`,
          headers: { 'X-API-Key': key },
        },
      },
      service: {
        pipelines: { metrics: { receivers: ['otlp'], processors: ['batch'], exporters: ['otlphttp/seqpulse'] } },
      },
    }),
  );
  return file;
}

describe.skipIf(missing)('a Collector with one exporter more', () => {
  test('hands on what applications send to it, batched and packed, in protobuf', async () => {
    const { id, apiKey } = await stage.api.newProject({ name: 'behind a collector' });
    await using collector = await startCollector({ layers: [], moreFiles: [exporterFile(apiKey)] });
    const atMs = Date.now();
    for (const instance of ['a', 'b', 'c']) {
      const point = { startMs: atMs - 60_000, atMs, edges: [0.1], counts: [3, 4], sum: 1.5 };
      const body = codec.encode(
        exportOf({
          attributes: { 'service.name': 'shop', 'service.version': '9', 'service.instance.id': instance },
          metrics: [duration('cumulative', [{ ...point, attributes: { 'http.response.status_code': 200 } }])],
        }),
      );
      const headers = { 'Content-Type': 'application/x-protobuf' };
      const sent = await fetch(`${collector.otlpUrl}/v1/metrics`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      });
      expect(sent.status).toBe(200);
    }
    const kept = await until('three instances to be kept', 30, async () => {
      const rows = await stage.database.query<{ service_name: string; service_version: string; points: Buffer }>(
        'select service_name, service_version, points from seqpulse.otlp_points where project_id = $1',
        [id],
      );
      const senders = rows.flatMap(({ points }) => decodePoints(points));
      return new Set(senders.map(({ sender }) => sender)).size === 3 ? { rows, senders } : null;
    });
    expect(kept.rows[0]).toMatchObject({ service_name: 'shop', service_version: '9' });
    for (const { points } of kept.senders) {
      expect(points).toMatchObject([{ instrument: 1, temporality: 'cumulative', value: { count: 7, sumMs: 1_500 } }]);
    }
  });
});
