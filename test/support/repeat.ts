import { setTimeout as sleep } from 'node:timers/promises';

/** Does it every `intervalMs` until the returned function is called, which rejects when it has failed meanwhile. */
export function repeat(action: () => Promise<void>, intervalMs: number): () => Promise<void> {
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await action();
      await sleep(intervalMs);
    }
  })();
  running.catch(() => {});
  return async () => {
    stopped = true;
    await running;
  };
}
