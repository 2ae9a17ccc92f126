import { afterAll, afterEach, beforeAll } from 'vitest';
import { type ClockedStage, openClockedStage, openStage, type Stage } from './stage.ts';

/** For one test file: a stage that is opened before its tests and closed after them. Use it inside tests and hooks only. */
export function useStage(env: Readonly<Record<string, string>> = {}): Stage {
  return opened(async () => await openStage(env));
}

/** The same with a hand-set clock; after each test nothing of it is left to act in the next. */
export function useClockedStage(env: Readonly<Record<string, string>> = {}): ClockedStage {
  const stage = opened(async () => await openClockedStage(env));
  afterEach(async () => await stage.reset());
  return stage;
}

/** Stands for what `open` will have opened by the time that a test asks it something. */
function opened<Opened extends AsyncDisposable & object>(open: () => Promise<Opened>): Opened {
  let real: Opened | null = null;
  beforeAll(async () => {
    real = await open();
  });
  afterAll(async () => await real?.[Symbol.asyncDispose]());
  return new Proxy({} as Opened, {
    get(_, key) {
      if (real === null) throw new Error('the stage opens before the first test: ask it inside of one');
      return Reflect.get(real, key);
    },
  });
}
