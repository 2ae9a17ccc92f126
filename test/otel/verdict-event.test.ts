import { diag, type Logger, type LogRecord, logs, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test } from 'vitest';
import { PIPELINE_OUTCOMES } from '../../src/model/deployment.ts';
import type { ToldVerdict } from '../../src/model/telemetry.ts';
import { deploymentAttributes, redacted } from '../../src/tracing/deployment-attributes.ts';
import { tellVerdict } from '../../src/tracing/verdict-event.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const NOTHING_SAID = { branch: null, version: null, commitSha: null, buildUrl: null, service: null };
const TOLD: ToldVerdict = {
  deploymentId: '6f0c0000-0000-4000-8000-000000000000',
  env: 'prod',
  identity: { project: 'checkout', number: 12, origin: NOTHING_SAID, pipelineOutcome: null },
  judgement: { verdict: 'ok', confidence: 0.9, summary: 'No metric moved.', details: [] },
  triggeredIn: null,
  atMs: 1_800_000_000_000,
};

/** What is emitted and what spans end while `work` runs. */
function recording(work: () => void) {
  const records: LogRecord[] = [];
  const logger = { emit: (record: LogRecord) => records.push(record), enabled: () => true } as unknown as Logger;
  logs.setGlobalLoggerProvider({ getLogger: () => logger });
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  work();
  return { records, spans: exporter.getFinishedSpans() };
}
afterEach(() => {
  logs.disable();
  trace.disable();
  diag.disable();
});

describe('outside of any request or job', () => {
  test('a verdict gets a span of its own in the trace of its trigger, and its event is in that', () => {
    const triggeredIn = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
    const { records, spans } = recording(() => tellVerdict({ ...TOLD, triggeredIn }));
    expect(spans).toHaveLength(1);
    const [span] = spans;
    expect(span?.spanContext().traceId).toBe(TRACE_ID);
    expect(span?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(span?.attributes).toMatchObject({ 'seqpulse.verdict.name': 'ok', 'deployment.id': TOLD.deploymentId });
    expect(records).toHaveLength(1);
    const within = records[0]?.context;
    expect(within === undefined ? null : trace.getSpanContext(within)).toEqual(span?.spanContext());
  });

  test.each([null, 'nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`])(
    'of a trigger that was in no trace (%s) it is a trace of its own',
    (triggeredIn) => {
      const { spans } = recording(() => tellVerdict({ ...TOLD, triggeredIn }));
      expect(spans.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined]);
    },
  );
});

test.each([
  ['ok', 9, 'INFO'],
  ['insufficient_data', 9, 'INFO'],
  ['attention', 13, 'WARN'],
  ['rollback_recommended', 17, 'ERROR'],
] as const)('%s is an event of severity %i, with its sentence as body and its own time', (verdict, number, text) => {
  const { records } = recording(() => tellVerdict({ ...TOLD, judgement: { ...TOLD.judgement, verdict } }));
  expect(records).toMatchObject([
    {
      eventName: 'seqpulse.deployment.verdict',
      severityNumber: number,
      severityText: text,
      body: 'No metric moved.',
      timestamp: TOLD.atMs,
      attributes: { 'seqpulse.verdict.name': verdict },
    },
  ]);
});

test('where nothing is exported nothing happens, and a logger that throws stops no verdict', () => {
  expect(() => tellVerdict(TOLD)).not.toThrow();
  const problems: unknown[] = [];
  const note = (message: string) => problems.push(message);
  diag.setLogger({ error: note, warn: note, info() {}, debug() {}, verbose() {} });
  logs.setGlobalLoggerProvider({
    getLogger: () => {
      throw new Error('no');
    },
  });
  expect(() => tellVerdict(TOLD)).not.toThrow();
  expect(problems).toEqual(['a verdict could not be told']);
});

describe('the attributes of a deployment', () => {
  test('leave out what CI did not say', () => {
    expect(deploymentAttributes(TOLD)).toEqual({
      'seqpulse.deployment.id': TOLD.deploymentId,
      'seqpulse.deployment.number': 12,
      'seqpulse.project.name': 'checkout',
      'seqpulse.observed.environment.name': 'prod',
      'deployment.id': TOLD.deploymentId,
      'deployment.name': 'checkout #12',
    });
  });

  test('never say who SeqPulse is: service.* and the environment’s name are of its resource', () => {
    const origin = { ...NOTHING_SAID, service: 'checkout', version: '1.4.2' };
    const names = Object.keys(deploymentAttributes({ ...TOLD, identity: { ...TOLD.identity, origin } }));
    expect(names.filter((name) => /^(service\.|deployment\.environment|telemetry\.|host\.)/.test(name))).toEqual([]);
  });

  test('translate how the pipeline ended into the words of the registry', () => {
    const results = PIPELINE_OUTCOMES.map((pipelineOutcome) => {
      const attributes = deploymentAttributes({ ...TOLD, identity: { ...TOLD.identity, pipelineOutcome } });
      return [pipelineOutcome, attributes['cicd.pipeline.result'], attributes['deployment.status']];
    });
    expect(results).toEqual([
      ['success', 'success', 'succeeded'],
      ['failed', 'failure', 'failed'],
      ['failure', 'failure', 'failed'],
      ['cancelled', 'cancellation', 'failed'],
      ['canceled', 'cancellation', 'failed'],
      ['skipped', 'skip', 'failed'],
    ]);
  });

  test.each([
    ['https://dev.example/_build/results?buildId=7', 'https://dev.example/_build/results?buildId=7'],
    ['https://me:pw@ci.example/1', 'https://REDACTED:REDACTED@ci.example/1'],
    ['https://token@ci.example/1', 'https://REDACTED@ci.example/1'],
    ['https://ci.example/1?a=1&X-Goog-Signature=abc#sig=x', 'https://ci.example/1?a=1&X-Goog-Signature=REDACTED#sig=x'],
    ['no url', null],
  ])('%s is told as %s', (url, told) => expect(redacted(url)).toBe(told));
});
