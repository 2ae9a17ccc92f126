import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findCollector, type RunningCollector, startCollector } from '../../harness/collector.ts';
import { type OtlpSink, openOtlpSink } from '../../harness/otlp-sink.ts';
import { until } from '../../harness/until.ts';

const collector = findCollector('the tests of tail sampling are');

interface HandMadeSpan {
  readonly trace: string;
  readonly name: string;
  readonly durationMs?: number;
  readonly failed?: boolean;
  readonly deployment?: string;
}

describe.skipIf(collector.missing)('tail sampling', () => {
  const opened = new AsyncDisposableStack();
  let sink: OtlpSink;
  let running: RunningCollector;
  let serial = 0;

  beforeAll(async () => {
    sink = opened.use(await openOtlpSink());
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-sampling-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    const toSink = join(folder, 'to-sink.yaml');
    writeFileSync(
      toSink,
      stringify({
        exporters: { 'otlp_http/sink': { endpoint: sink.url, compression: 'none' } },
        // So few that a decision is soon forgotten with its trace.
        processors: { tail_sampling: { num_traces: 8, decision_cache: { sampled_cache_size: 2 } } },
        service: { pipelines: { traces: { exporters: ['otlp_http/sink'] } } },
      }),
    );
    running = opened.use(
      await startCollector({
        layers: ['traces-backend', 'traces-tail-sampling'],
        moreFiles: [toSink],
        env: { TAIL_DECISION_WAIT: '200ms' },
      }),
    );
  });
  afterAll(async () => await opened.disposeAsync());

  /** OTLP/JSON, as any application beside SeqPulse may send it. */
  async function send(span: HandMadeSpan): Promise<void> {
    serial += 1;
    const startMs = 1_900_000_000_000;
    const endMs = startMs + (span.durationMs ?? 1);
    const attributes =
      span.deployment === undefined ? [] : [{ key: 'seqpulse.deployment.id', value: { stringValue: span.deployment } }];
    const spans = [
      {
        // To the right: decisions are remembered by the right half.
        traceId: span.trace.padStart(32, 'c'),
        spanId: serial.toString(16).padStart(16, '0'),
        name: span.name,
        kind: 2,
        startTimeUnixNano: `${startMs}000000`,
        endTimeUnixNano: `${endMs}000000`,
        status: { code: span.failed === true ? 2 : 0 },
        attributes,
      },
    ];
    const response = await fetch(`${running.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    });
    expect(response.status).toBe(200);
  }

  const kept = () => new Set(sink.spans().map(({ name }) => name));
  /** Sends a trace that is kept for certain, after the others: when it is there, theirs have been decided. */
  async function decided(): Promise<void> {
    serial += 1;
    const name = `marker ${serial}`;
    await send({ trace: `f${serial}`, name, failed: true });
    await until('the decision', 20, () => kept().has(name));
  }

  test('keeps errors, what took half a second, and deployments; drops the rest', async () => {
    await send({ trace: 'a1', name: 'quick' });
    await send({ trace: 'a2', name: 'just quick enough', durationMs: 499 });
    await send({ trace: 'a3', name: 'slow', durationMs: 500 });
    await send({ trace: 'a4', name: 'failed', failed: true });
    await send({ trace: 'a5', name: 'of a deployment', deployment: '6f0c0000-0000-4000-8000-000000000000' });
    await send({ trace: 'a6', name: 'of no deployment', deployment: '' });
    await decided();
    expect([...kept()].filter((name) => !name.startsWith('marker')).sort()).toEqual([
      'failed',
      'of a deployment',
      'slow',
    ]);
  });

  test('keeps the spans of a deployment that come minutes later, when nothing is remembered of its trace', async () => {
    const deployment = '7a0c0000-0000-4000-8000-000000000000';
    await send({ trace: 'b1', name: 'trigger', deployment });
    await decided();
    for (let other = 0; other < 9; other += 1) await send({ trace: `e${other}`, name: 'other', failed: true });
    await decided();
    await send({ trace: 'b1', name: 'analysis', deployment });
    await until('the late span', 20, () => kept().has('analysis'));
    expect(kept()).toContain('trigger');
  });
});
