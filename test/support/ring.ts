import { HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import type { Sample } from '../../src/verdict/types.ts';
import type { TestService } from './service.ts';

/** Puts readings of an environment's active endpoint into the ring, one a minute, as the sweep would have. */
export async function fillRing(
  { service }: TestService,
  input: {
    readonly projectId: string;
    readonly url: string;
    /** Epoch ms of the oldest and how many. */
    readonly fromMs: number;
    readonly count: number;
    readonly metrics?: Metrics;
  },
): Promise<void> {
  const { db } = service.lifecycle;
  const place = { projectId: input.projectId, env: 'prod', url: input.url };
  const [series] = await db.baselineTurns.openSeries([place], new Date(input.fromMs));
  if (series == null) throw new Error('there is no such environment');
  const times = Array.from({ length: input.count }, (_, index) => input.fromMs + index * 60_000);
  for (const hour of new Set(times.map((ms) => Math.floor(ms / 3_600_000)))) {
    await db.transaction(async (tx) => await tx.baselineSamples.openHour(hour));
  }
  await db.baselineSamples.store(
    times.map((collectedAtMs, index) => ({
      series,
      collectedAtMs,
      // A little life: a constant is no noise to judge by.
      numbers: jitter(input.metrics ?? HEALTHY, index),
    })),
  );
}

function jitter(metrics: Metrics, index: number): Metrics {
  return {
    ...metrics,
    latency_p95: metrics.latency_p95 + (index % 3),
    requests_per_sec: metrics.requests_per_sec === 0 ? 0 : metrics.requests_per_sec + (index % 2),
  };
}

export const minutesOf = (samples: readonly Pick<Sample, 'collectedAtMs'>[], sinceMs: number): number[] =>
  samples.map((sample) => Math.round((sample.collectedAtMs - sinceMs) / 60_000));
