import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { numberOf, parseExposition, seriesOf } from '../../harness/exposition.ts';
import { allMetrics, catalog } from '../../otel/catalog/catalog.ts';
import { closedLabelSets } from '../../otel/catalog/metric.ts';
import { churnMemory, recordEverything, scrapeText, startTestTelemetry } from './support/metrics.ts';

/** What varies from run to run: the numbers of the process, and which kinds of garbage collection there were. */
function normalise(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/v8js_gc_type="\w+"/, 'v8js_gc_type="<kind>"'))
    .map((line) => line.replace(/^((?:process|nodejs|v8js)_\S+) \S+$/, '$1 <n>'))
    .map((line) => line.replace(/(process_runtime|telemetry_sdk)_version="[\d.]+"/g, '$1_version="<version>"'))
    .map((line) => (line.startsWith('nodejs_version_info') ? line.replace(/"[^"]*"/g, '"<version>"') : line));
  return lines.filter((line, at) => line === '' || lines.indexOf(line) === at).join('\n');
}

async function scrapeAfterRuntimeWarmUp(telemetry: Awaited<ReturnType<typeof startTestTelemetry>>): Promise<string> {
  // The event loop's delay is reported from five probes on, a garbage collection once there was one.
  for (;;) {
    const text = await scrapeText(telemetry);
    if (/^nodejs_eventloop_delay_p99_seconds /m.test(text) && text.includes('v8js_gc_type=')) return text;
    await new Promise((resolve) => setTimeout(resolve, 60));
    churnMemory();
  }
}

describe('the text of /metrics', () => {
  test.skipIf(process.platform !== 'linux')('is exactly this once everything was recorded', async () => {
    await using telemetry = await startTestTelemetry({ SEQPULSE_ENV: 'test' });
    telemetry.setSchedulerDepthSource(() => ({ pending: 12, overdue: 3 }));
    telemetry.setClockOffsetSource(() => -0.25);
    recordEverything(telemetry);
    const text = await scrapeAfterRuntimeWarmUp(telemetry);
    await expect(normalise(text)).toMatchFileSnapshot('exposition.snap');
  });

  test.skipIf(process.platform !== 'linux')('has every metric of the catalogue and no other', async () => {
    await using telemetry = await startTestTelemetry();
    telemetry.setSchedulerDepthSource(() => ({ pending: 0, overdue: 0 }));
    telemetry.setClockOffsetSource(() => 0);
    recordEverything(telemetry);
    const text = await scrapeAfterRuntimeWarmUp(telemetry);
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const catalogued = allMetrics.map(({ name, kind }) => `${name} ${kind}`);
    expect(families.sort()).toEqual([...catalogued, 'target_info gauge'].sort());
  });

  test('passes promtool check metrics', async (context) => {
    await using telemetry = await startTestTelemetry();
    telemetry.setSchedulerDepthSource(() => ({ pending: 12, overdue: 3 }));
    recordEverything(telemetry);
    const input = await scrapeText(telemetry);
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    if (promtool.error !== undefined) {
      if (process.env.CI === 'true') throw new Error('promtool is missing: apt-get install -y prometheus');
      context.skip('promtool is missing: apt-get install -y prometheus');
    }
    expect(`${promtool.stdout}${promtool.stderr}`).toBe('');
    expect(promtool.status).toBe(0);
  });

  test('is declared as version 0.0.4 of the text format', async () => {
    await using telemetry = await startTestTelemetry();
    expect(await telemetry.scrape()).toMatchObject({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    });
  });

  test('has every counter with closed labels at 0 before anything happened, and each of its label sets', async () => {
    await using telemetry = await startTestTelemetry();
    const text = await scrapeText(telemetry);
    const closed = allMetrics.filter(({ kind, name }) => kind === 'counter' && name.startsWith('seqpulse_'));
    let checked = 0;
    for (const metric of closed) {
      for (const attributes of closedLabelSets(metric) ?? []) {
        const labels = Object.fromEntries(
          metric.labels.map(({ name, attribute }) => [name, attributes[attribute] ?? '']),
        );
        expect(numberOf(text, metric.name, labels), `${metric.name} ${JSON.stringify(labels)}`).toBe(0);
        checked += 1;
      }
    }
    // failed jobs 1 + baseline samples 1 + phases 2 + verdicts 4 + five metrics, critical or not 10 + feedback 8 + messages 9
    expect(checked).toBe(43);
    expect(seriesOf(text, catalog.httpRequests.name)).toEqual([]);
  });

  test('has no scope labels on any series', async () => {
    await using telemetry = await startTestTelemetry();
    recordEverything(telemetry);
    const text = await scrapeText(telemetry);
    expect(text).not.toContain('otel_scope');
    expect(text).not.toContain('otel.scope');
  });

  test('counts cumulatively from scrape to scrape', async () => {
    await using telemetry = await startTestTelemetry();
    telemetry.instruments.jobGaveUp();
    expect(numberOf(await scrapeText(telemetry), catalog.jobsFailed.name)).toBe(1);
    telemetry.instruments.jobGaveUp();
    expect(numberOf(await scrapeText(telemetry), catalog.jobsFailed.name)).toBe(2);
    expect(numberOf(await scrapeText(telemetry), catalog.jobsFailed.name)).toBe(2);
  });

  test('keeps two instances in one process apart', async () => {
    await using one = await startTestTelemetry();
    await using other = await startTestTelemetry();
    one.instruments.jobGaveUp();
    expect(numberOf(await scrapeText(one), catalog.jobsFailed.name)).toBe(1);
    expect(numberOf(await scrapeText(other), catalog.jobsFailed.name)).toBe(0);
  });
});

describe('target_info', () => {
  async function targetInfo(env: Record<string, string>): Promise<Readonly<Record<string, string>> | undefined> {
    await using telemetry = await startTestTelemetry(env);
    return parseExposition(await scrapeText(telemetry)).find(({ name }) => name === 'target_info')?.labels;
  }

  test('carries name, version, instance, environment, SDK and runtime, and nothing else', async () => {
    expect(await targetInfo({})).toEqual({
      telemetry_sdk_name: 'opentelemetry',
      telemetry_sdk_language: 'nodejs',
      telemetry_sdk_version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      process_runtime_name: 'nodejs',
      process_runtime_version: process.versions.node,
      process_runtime_description: 'Node.js',
      service_name: 'seqpulse-backend',
      service_version: '1.2.3',
      service_instance_id: '00000000-0000-4000-8000-000000000000',
      deployment_environment_name: 'development',
    });
  });

  test('takes the environment from SEQPULSE_ENV', async () => {
    expect(await targetInfo({ SEQPULSE_ENV: 'staging' })).toMatchObject({ deployment_environment_name: 'staging' });
  });

  test('adds what OTEL_RESOURCE_ATTRIBUTES says, percent-decoded', async () => {
    const labels = await targetInfo({ OTEL_RESOURCE_ATTRIBUTES: 'team=checkout%20eu, deployment.environment.name=qa' });
    expect(labels).toMatchObject({ team: 'checkout eu', deployment_environment_name: 'qa' });
  });

  test('prefers OTEL_SERVICE_NAME and SEQPULSE_ENV to OTEL_RESOURCE_ATTRIBUTES', async () => {
    const labels = await targetInfo({
      OTEL_SERVICE_NAME: 'mine',
      SEQPULSE_ENV: 'prod',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=theirs,deployment.environment.name=qa',
    });
    expect(labels).toMatchObject({ service_name: 'mine', deployment_environment_name: 'prod' });
  });
});
