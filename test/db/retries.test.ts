import { expect, test } from 'vitest';
import { withRetries } from '../../src/db/connection/statements.ts';

const undone = (code: string) => Object.assign(new Error('undone'), { code });

test('who was undone in favour of a rival leaves it time to take its turn, three runs in all', async () => {
  const runs: string[] = [];
  let isServed = false;
  const work = async () => {
    runs.push(isServed ? 'after the rival' : 'before the rival');
    isServed = false;
    // Begun before the pause and shorter than it: it ends first, however slow the machine is.
    setTimeout(() => {
      isServed = true;
    }, 1);
    throw undone('40P01');
  };
  await expect(withRetries(work)).rejects.toThrow('undone');
  expect(runs).toEqual(['before the rival', 'after the rival', 'after the rival']);
});

test('what PostgreSQL refused for another reason is run once', async () => {
  let runs = 0;
  const work = async () => {
    runs += 1;
    throw undone('23505');
  };
  await expect(withRetries(work)).rejects.toThrow('undone');
  expect(runs).toBe(1);
});
