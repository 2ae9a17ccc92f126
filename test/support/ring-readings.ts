import { HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { hourOf } from '../../src/db/baselines/slots.ts';
import type { ClockedStage } from './stage.ts';

const MINUTE_MS = 60_000;

/**
 * One reading a minute in the baseline ring, from `minutes` ago until a minute ago; `of` says what was read so many
 * minutes ago, null that nothing was.
 */
export async function fillRing(
  stage: ClockedStage,
  place: { readonly projectId: string; readonly env?: string },
  minutes: number,
  of: (minutesAgo: number) => Partial<Metrics> | null = () => ({}),
): Promise<void> {
  const { db } = stage.running.service.lifecycle;
  const nowMs = stage.clock.now();
  const { projectId, env = 'prod' } = place;
  const [series] = await db.baselineTurns.openSeries(
    [{ projectId, env, url: stage.app.url }],
    new Date(nowMs - minutes * MINUTE_MS),
  );
  const samples = Array.from({ length: minutes }, (_, index) => minutes - index).flatMap((minutesAgo) => {
    const values = of(minutesAgo);
    if (values === null) return [];
    const collectedAtMs = nowMs - minutesAgo * MINUTE_MS;
    return [{ series: series ?? 0, collectedAtMs, numbers: { ...HEALTHY, ...values } }];
  });
  const hours = new Set(samples.map((sample) => hourOf(sample.collectedAtMs)));
  for (const hour of hours) await db.transaction(async (tx) => await tx.baselineSamples.openHour(hour));
  await db.baselineSamples.store(samples);
}
