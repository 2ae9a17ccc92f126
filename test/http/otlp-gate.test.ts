import { expect, test } from 'vitest';
import { createIntakeGate } from '../../src/http/otlp/gate.ts';
import { HttpProblem } from '../../src/http/problems.ts';

const MIB = 1_024 * 1_024;
const refused = (work: () => unknown): HttpProblem => {
  try {
    work();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
  }
  throw new Error('it was let in');
};

test('who is behind is refused until somebody leaves, with the seconds after which to try again', () => {
  const gate = createIntakeGate();
  const inside = Array.from({ length: 6 }, () => gate.enter(4 * MIB));
  const problem = refused(() => gate.enter(1));
  expect(problem.code).toBe('RATE_LIMITED');
  expect(problem.headers).toEqual({ 'Retry-After': '5' });
  inside[0]?.leave();
  gate.enter(4 * MIB);
  expect(refused(() => gate.enter(1)).code).toBe('RATE_LIMITED');
});

test('small ones are counted too', () => {
  const gate = createIntakeGate();
  for (let request = 0; request < 256; request += 1) gate.enter(0);
  expect(refused(() => gate.enter(0)).code).toBe('RATE_LIMITED');
});

test('one after the other, also after one that failed', async () => {
  const gate = createIntakeGate();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const failing = gate.alone(async () => {
    await first.promise;
    order.push('first');
    throw new Error('no body');
  });
  const second = gate.alone(async () => order.push('second'));
  first.resolve();
  await expect(failing).rejects.toThrow('no body');
  await second;
  expect(order).toEqual(['first', 'second']);
});
