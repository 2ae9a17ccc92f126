import { expect, test } from 'vitest';
import { drawSchedule, FAULT_KINDS } from './schedule.ts';

const drawn = (seed: number) => drawSchedule({ seed, rounds: 2, replicas: 3 });

test('a seed draws the same faults each time, another one others', () => {
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7).map(({ kind }) => kind)).not.toEqual(drawn(8).map(({ kind }) => kind));
});

test('every round has every fault once, and every replica may be met', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const faults = drawn(seed);
    for (const round of [0, 1]) {
      const kinds = faults.slice(round * FAULT_KINDS.length, (round + 1) * FAULT_KINDS.length).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual(FAULT_KINDS.toSorted());
    }
    expect(faults.every(({ replica }) => [0, 1, 2].includes(replica))).toBe(true);
  }
});
