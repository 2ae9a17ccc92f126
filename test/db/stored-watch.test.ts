import { expect, test } from 'vitest';
import { STORED_SHAPES } from '../../src/db/stored-shapes.ts';
import { fromWatch, toWatch } from '../../src/db/stored-watch.ts';
import type { VersionWatch } from '../../src/model/version-watch.ts';

const WATCH: VersionWatch = {
  identity: 'otlp:1',
  minute: 30_000_000,
  knownMinute: 29_999_999,
  serving: { '1.4.2': { share: 0.9, absentMinutes: 0, missedRequests: 0 } },
  sighted: { '1.5.0': { sinceMinute: 30_000_000, minutes: 1 } },
  owned: { deploymentId: '0f1d3c5a-7b9d-4e2f-8a6c-1b3d5f7a9c0e', version: '1.4.2' },
};

test('which versions serve is stored with the version of its shape, and read as it was', () => {
  expect(JSON.parse(fromWatch(WATCH)).shape).toBe(STORED_SHAPES.watch);
  expect(toWatch(JSON.parse(fromWatch(WATCH)))).toEqual(WATCH);
});

test('what another release wrote is read as far as it is known', () => {
  const { owned: _, ...yesterday } = WATCH;
  expect(toWatch({ shape: 1, ...yesterday })).toEqual({ ...WATCH, owned: null });
  const tomorrow = {
    ...WATCH,
    serving: { a: { share: 'most', pods: 3 } },
    sighted: [],
    owned: { version: 7 },
    more: 1,
  };
  expect(toWatch({ shape: 9, ...tomorrow })).toEqual({
    ...WATCH,
    serving: { a: { share: 0, absentMinutes: 0, missedRequests: 0 } },
    sighted: {},
    owned: null,
  });
});

test.each([
  null,
  7,
  'text',
  [],
  {},
  { identity: 'otlp:1' },
  { ...WATCH, minute: '1' },
  { ...WATCH, knownMinute: null },
])('what nobody can read is none: %j', (stored) => {
  expect(toWatch(stored)).toBeNull();
});
