/** How calls are made into one; see `gather`. */
export interface Gathering<Item, Result> {
  /** For how long the first call waits for others. 0: for those of the same turn of the event loop. */
  readonly waitMs: number;
  /** Does the work for all; one result for each item, in their order. */
  readonly together: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether what `together` rejected with may come of one item alone: then each is tried by itself. */
  readonly mayBeOnes: (error: unknown) => boolean;
}

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A function whose calls within a short time are one call of `together`, because one statement for many costs little
 * more than one for one. Each caller gets the result of its own item; an error that concerns them all goes to all.
 */
export function gather<Item, Result>(gathering: Gathering<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Call<Item, Result>[] = [];

  async function run(calls: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const results = await gathering.together(calls.map(({ item }) => item));
      calls.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (calls.length > 1 && gathering.mayBeOnes(error)) for (const call of calls) void run([call]);
      else for (const { reject } of calls) reject(error);
    }
  }

  function runWaiting(): void {
    const calls = waiting;
    waiting = [];
    void run(calls);
  }

  return async (item) =>
    await new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length > 1) return;
      if (gathering.waitMs === 0) setImmediate(runWaiting);
      else setTimeout(runWaiting, gathering.waitMs);
    });
}
