import { describe, expect, test } from 'vitest';
import { gather } from '../../src/batching/gather.ts';

const nothing = () => false;
/** Everything that is due in this turn of the event loop has run. */
const turn = async () => await new Promise<void>((resolve) => setImmediate(resolve));

describe('gathered calls', () => {
  test('of one turn are one call, and each gets its own result, in the order of the calls', async () => {
    const batches: number[][] = [];
    const double = gather({
      waitMs: 0,
      mayBeOnes: nothing,
      together: async (items: readonly number[]) => {
        batches.push([...items]);
        return items.map((item) => item * 2);
      },
    });
    expect(await Promise.all([double(3), double(1), double(2)])).toEqual([6, 2, 4]);
    expect(await double(5)).toBe(10);
    await turn();
    expect(batches).toEqual([[3, 1, 2], [5]]);
  });

  test('wait for others as long as they were told, and no longer', async () => {
    const batches: string[][] = [];
    const echo = gather({
      waitMs: 40,
      mayBeOnes: nothing,
      together: async (items: readonly string[]) => {
        batches.push([...items]);
        return items;
      },
    });
    const first = echo('first');
    await turn();
    const second = echo('second');
    await first;
    await echo('third');
    await second;
    expect(batches).toEqual([['first', 'second'], ['third']]);
  });

  test('that come while a batch runs are the next batch: nobody waits for its end to be taken in', async () => {
    const { promise: firstEnds, resolve: endFirst } = Promise.withResolvers<void>();
    const batches: string[][] = [];
    const echo = gather({
      waitMs: 0,
      mayBeOnes: nothing,
      together: async (items: readonly string[]) => {
        batches.push([...items]);
        if (batches.length === 1) await firstEnds;
        return items;
      },
    });
    const first = echo('a');
    await turn();
    expect(await echo('b')).toBe('b');
    endFirst();
    expect(await first).toBe('a');
  });

  test('all fail with an error that is of no one of them', async () => {
    let calls = 0;
    const fails = gather({
      waitMs: 0,
      mayBeOnes: nothing,
      together: async (_items: readonly number[]): Promise<number[]> => {
        calls += 1;
        throw new Error('no connection');
      },
    });
    const outcomes = await Promise.allSettled([fails(1), fails(2)]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason.message)).toEqual([
      'no connection',
      'no connection',
    ]);
    expect(calls).toBe(1);
  });

  test('are tried one by one where the fault may be of one: the others do not pay for it', async () => {
    const batches: number[][] = [];
    const halve = gather({
      waitMs: 0,
      mayBeOnes: (error) => (error as Error).message === 'odd',
      together: async (items: readonly number[]) => {
        batches.push([...items]);
        if (items.some((item) => item % 2 === 1)) throw new Error('odd');
        return items.map((item) => item / 2);
      },
    });
    const outcomes = await Promise.allSettled([halve(4), halve(3), halve(8)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes.map((outcome) => (outcome as PromiseFulfilledResult<number>).value)).toEqual([2, undefined, 4]);
    expect(batches).toEqual([[4, 3, 8], [4], [3], [8]]);
  });
});
