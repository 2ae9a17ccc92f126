import { expect, test } from 'vitest';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import { earlyOf } from '../../src/model/awaited.ts';
import { TestClock } from '../support/clock.ts';

/** What is answered with is what was asked for, in the order in which it was read. */
function room(most = 10, read: (id: string) => Promise<string | null> = async (id) => id) {
  const clock = new TestClock(0);
  const turns: (() => void)[] = [];
  const waiting = createWaitingRoom({ most, timers: clock, read, nextTurn: (callback) => turns.push(callback) });
  return { clock, waiting, turns };
}

/** What was begun has come to its end, but for what waits for the clock. */
const settled = async () => await new Promise((resolve) => setImmediate(resolve));

test('everybody who waits for a deployment goes when it is told of, and nobody else', async () => {
  const { waiting } = room();
  const [a, b] = [waiting.enter('one', 1_000), waiting.enter('one', 1_000)];
  waiting.enter('other', 1_000);
  waiting.tell('one');
  expect(await Promise.all([a?.over, b?.over])).toEqual(['one', 'one']);
  expect(waiting.awaited()).toEqual(['other']);
});

test('a waiter goes when its time is over', async () => {
  const { waiting, clock } = room();
  const waiter = waiting.enter('one', 1_000);
  await clock.tick(999);
  expect(waiting.awaited()).toEqual(['one']);
  await clock.tick(1);
  await waiter?.over;
  expect(waiting.awaited()).toEqual([]);
});

test('as many wait as may; one that leaves makes room, and twice makes no more', () => {
  const { waiting } = room(2);
  const first = waiting.enter('one', 1_000);
  expect(waiting.enter('one', 1_000)).not.toBeNull();
  expect(waiting.enter('two', 1_000)).toBeNull();
  first?.leave();
  first?.leave();
  expect(waiting.enter('two', 1_000)).not.toBeNull();
  expect(waiting.enter('two', 1_000)).toBeNull();
});

test('of many who are told 8 go, and for each that is answered the next, in order', async () => {
  const { waiting, turns } = room(1_000);
  const gone: number[] = [];
  const waiters = Array.from({ length: 250 }, (_, index) => {
    const waiter = waiting.enter(index < 200 ? 'one' : 'two', 1_000);
    void waiter?.over.then(() => gone.push(index));
    return waiter;
  });
  waiting.tell('one');
  waiting.tell('two');
  await settled();
  expect(gone).toHaveLength(8);
  expect(waiting.awaited()).toEqual([]);
  // Twice is no second turn, and one that left without being told gives none.
  waiters[0]?.answered();
  waiters[0]?.answered();
  waiters[249]?.leave();
  waiters[249]?.answered();
  for (const turn of turns.splice(0)) turn();
  await settled();
  expect(gone.toSorted((one, other) => one - other)).toEqual([...Array.from({ length: 9 }, (_, index) => index), 249]);
  for (let round = 0; gone.length < 250; round += 1) {
    expect(round).toBeLessThan(50);
    for (const index of [...gone]) waiters[index]?.answered();
    for (const turn of turns.splice(0)) turn();
    await settled();
  }
});

test('a deployment is read once for all who are told of it, after it is told', async () => {
  const read: string[] = [];
  const { waiting } = room(10, async (id) => {
    read.push(id);
    return `${id} ${read.length}`;
  });
  const waiters = [waiting.enter('one', 1_000), waiting.enter('one', 1_000), waiting.enter(earlyOf('one'), 1_000)];
  waiting.tell(earlyOf('one'));
  expect(await waiters[2]?.over).toBe('one 1');
  waiting.tell('one');
  expect(await Promise.all(waiters.slice(0, 2).map((waiter) => waiter?.over))).toEqual(['one 2', 'one 2']);
  waiting.tell('one');
  await settled();
  expect(read).toEqual(['one', 'one']);
});

test('who waits goes without an answer where it can’t be read, and one that left meanwhile takes no turn', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  const { waiting, clock, turns } = room(100, async () => await promise);
  const waiters = Array.from({ length: 9 }, () => waiting.enter('one', 1_000));
  const late = waiting.enter('two', 500);
  waiting.tell('one');
  waiting.tell('two');
  await clock.tick(500);
  expect(await late?.over).toBeNull();
  reject(new Error('the database is away'));
  for (const waiter of waiters.slice(0, 8)) expect(await waiter?.over).toBeNull();
  waiters[0]?.leave();
  for (const turn of turns) turn();
  expect(await waiters[8]?.over).toBeNull();
});

test('one who was told and has no turn yet goes when its time is over, and keeps no place', async () => {
  const { waiting, clock } = room(1_000);
  const waiters = Array.from({ length: 101 }, () => waiting.enter('one', 1_000));
  waiting.tell('one');
  await clock.tick(1_000);
  await waiters[100]?.over;
  expect(waiting.awaited()).toEqual([]);
});

test('when it closes everybody goes at once, those who have no turn yet too', async () => {
  const { waiting } = room(1_000);
  const waiters = Array.from({ length: 250 }, () => waiting.enter('one', 1_000));
  waiting.tell('one');
  waiting.enter('other', 1_000);
  waiting.close();
  await Promise.all(waiters.map((waiter) => waiter?.over));
  expect(waiting.awaited()).toEqual([]);
});

test('when it closes everybody goes, and nobody waits any more', async () => {
  const { waiting } = room();
  const waiter = waiting.enter('one', 1_000);
  waiting.close();
  await waiter?.over;
  await waiting.enter('two', 1_000)?.over;
  expect(waiting.awaited()).toEqual([]);
});
