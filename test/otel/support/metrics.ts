import { startTelemetry, type Telemetry } from '../../../otel/start.ts';

/** Telemetry of its own for one test: nothing global, nothing of this process' environment. */
export async function startTestTelemetry(env: Record<string, string> = {}): Promise<Telemetry & AsyncDisposable> {
  const telemetry = await startTelemetry(env, {
    serviceVersion: '1.2.3',
    serviceInstanceId: '00000000-0000-4000-8000-000000000000',
    global: false,
  });
  return { ...telemetry, [Symbol.asyncDispose]: () => telemetry.shutdown() };
}

export async function scrapeText(telemetry: Telemetry): Promise<string> {
  const { status, body } = await telemetry.scrape();
  if (status !== 200) throw new Error(`scrape answered ${status}: ${body}`);
  return body;
}

/** One of everything the service can record, each with its own numbers. */
export function recordEverything({ instruments }: Telemetry): void {
  instruments.httpRequestHandled({
    method: 'POST',
    route: '/deployments/trigger',
    statusCode: 200,
    durationSeconds: 0.02,
  });
  instruments.httpRequestHandled({ method: 'GET', route: undefined, statusCode: 404, durationSeconds: 0.002 });
  instruments.jobStarted({ jobType: 'pre_collect', startDelaySeconds: 0.4 });
  instruments.jobStarted({ jobType: 'post_collect', startDelaySeconds: 3 });
  instruments.jobStarted({ jobType: 'analysis', startDelaySeconds: 700 });
  instruments.jobGaveUp();
  instruments.sampleCollected('pre');
  instruments.sampleCollected('post');
  instruments.baselineSamplesStored(7);
  for (const outcome of ['ok', 'rollback_recommended', 'error'] as const) {
    instruments.analysisFinished({ outcome, durationSeconds: 0.3, atUnixSeconds: 1_900_000_000 });
  }
  instruments.verdictReached({ verdict: 'ok', failedMetrics: [] });
  instruments.verdictReached({
    verdict: 'rollback_recommended',
    failedMetrics: [
      { metric: 'error_rate', critical: true },
      { metric: 'latency_p95', critical: false },
    ],
  });
  instruments.feedbackGiven({ verdict: 'attention', correct: false });
  instruments.lateCheckMade({ hours: 1, verdict: 'attention' });
  instruments.notificationAttempted({ channel: 'webhook', outcome: 'delivered' });
  instruments.notificationAttempted({ channel: 'mail', outcome: 'failed' });
  instruments.targetRead({ outcome: 'ok', durationSeconds: 0.12 });
  instruments.targetRead({ outcome: 'timeout', durationSeconds: 5.003 });
}

/** Makes the garbage collector run, the major one too. */
export function churnMemory(): void {
  const garbage: unknown[] = [];
  for (let i = 0; i < 300_000; i += 1) garbage.push({ i, text: `garbage ${i}` });
}
