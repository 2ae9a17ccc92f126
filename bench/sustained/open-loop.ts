import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts `one` so often a second for so many seconds, each at its time whatever became of those before it: a server that
 * falls behind is not spared. `running` resolves when the last has ended, and rejects with what the first threw.
 */
export function comeOneByOne(
  pace: { readonly perSecond: number; readonly seconds: number },
  one: () => Promise<void>,
): { readonly running: Promise<void> } {
  const startedMs = performance.now();
  const all: Promise<void>[] = [];
  const send = async () => {
    const most = pace.perSecond * pace.seconds;
    while (all.length < most) {
      const due = Math.min(most, Math.floor(((performance.now() - startedMs) / 1_000) * pace.perSecond) + 1);
      while (all.length < due) {
        const started = one();
        // Told below, when all have ended.
        started.catch(() => {});
        all.push(started);
      }
      await sleep(Math.max(0, startedMs + (all.length / pace.perSecond) * 1_000 - performance.now()));
    }
    await Promise.all(all);
  };
  return { running: send() };
}
