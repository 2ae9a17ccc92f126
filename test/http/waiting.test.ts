import { expect, test } from 'vitest';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import { TestClock } from '../support/clock.ts';

function room(most = 10) {
  const clock = new TestClock(0);
  return { clock, waiting: createWaitingRoom({ most, timers: clock }) };
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

test('when it closes everybody goes, and nobody waits any more', async () => {
  const { waiting } = room();
  const waiter = waiting.enter('one', 1_000);
  waiting.close();
  await waiter?.over;
  await waiting.enter('two', 1_000)?.over;
  expect(waiting.awaited()).toEqual([]);
});
