import { expect, test } from 'vitest';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import { TestClock } from '../support/clock.ts';

function room(most = 10) {
  const clock = new TestClock(0);
  const turns: (() => void)[] = [];
  const waiting = createWaitingRoom({ most, timers: clock, nextTurn: (callback) => turns.push(callback) });
  return { clock, waiting, turns };
}

test('everybody who waits for a deployment goes when it is told of, and nobody else', async () => {
  const { waiting } = room();
  const [a, b] = [waiting.enter('one', 1_000), waiting.enter('one', 1_000)];
  waiting.enter('other', 1_000);
  waiting.tell('one');
  await Promise.all([a?.over, b?.over]);
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

test('of many who are told a hundred go, and for each that is answered the next, in order', async () => {
  const { waiting, turns } = room(1_000);
  const gone: number[] = [];
  const waiters = Array.from({ length: 250 }, (_, index) => {
    const waiter = waiting.enter(index < 200 ? 'one' : 'two', 1_000);
    void waiter?.over.then(() => gone.push(index));
    return waiter;
  });
  waiting.tell('one');
  waiting.tell('two');
  await Promise.resolve();
  expect(gone).toHaveLength(100);
  expect(waiting.awaited()).toEqual([]);
  // Twice is no second turn, and one that left without being told gives none.
  waiters[0]?.answered();
  waiters[0]?.answered();
  waiters[249]?.leave();
  waiters[249]?.answered();
  for (const turn of turns.splice(0)) turn();
  await Promise.resolve();
  expect(gone.toSorted((one, other) => one - other)).toEqual([
    ...Array.from({ length: 101 }, (_, index) => index),
    249,
  ]);
  for (let round = 0; gone.length < 250; round += 1) {
    expect(round).toBeLessThan(10);
    for (const index of [...gone]) waiters[index]?.answered();
    for (const turn of turns.splice(0)) turn();
    await Promise.resolve();
  }
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
