import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica } from './replica.ts';

/** Seconds of answers of /metrics and /health by replicas that were up before and after. */
export interface Probed {
  readonly seconds: Record<'/metrics' | '/health', number[]>;
}

const EVERY_MS = 1_000;
const LIMIT_MS = 15_000;

/** Asks until `stop`, as a Prometheus and a platform do. Resolves when the last question is answered. */
export async function probe(replicas: readonly Replica[], stop: AbortSignal): Promise<Probed> {
  const seconds: Probed['seconds'] = { '/metrics': [], '/health': [] };
  const ask = async (replica: Replica, path: keyof Probed['seconds']) => {
    const before = replica.current;
    if (before === null || replica.paused) return;
    const startedAt = performance.now();
    try {
      await (await fetch(replica.url + path, { signal: AbortSignal.timeout(LIMIT_MS) })).text();
    } catch (error) {
      // Refused or reset: it is going. Without an answer in time: that counts.
      if ((error as Error).name !== 'TimeoutError') return;
    }
    if (replica.current === before && !replica.paused) seconds[path].push((performance.now() - startedAt) / 1000);
  };
  while (!stop.aborted) {
    await Promise.all(replicas.flatMap((replica) => [ask(replica, '/metrics'), ask(replica, '/health')]));
    await sleep(EVERY_MS, null, { signal: stop }).catch(() => {});
  }
  return { seconds };
}
