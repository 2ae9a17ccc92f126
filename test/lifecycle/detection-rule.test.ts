import { expect, test } from 'vitest';
import { saysNothingNew, step } from '../../src/lifecycle/detection-rule.ts';
import { ownerOf } from '../../src/lifecycle/version-owner.ts';
import type { NewVersion, VersionWatch } from '../../src/model/version-watch.ts';

type Minute = Readonly<Record<string, number>> | null;

/** What is found in minutes from 1000 on, as `version@minute of its first sighting`; null: nothing is known of a minute. */
function found(minutes: readonly Minute[], { confirm = 2, restarts = false } = {}): string[] {
  let watch: VersionWatch | null = null;
  const all: NewVersion[] = [];
  minutes.forEach((requests, index) => {
    const stepped = step(
      watch,
      'source',
      { minute: 1000 + index, requests: new Map(Object.entries(requests ?? {})) },
      confirm,
    );
    watch = restarts ? JSON.parse(JSON.stringify(stepped.watch)) : stepped.watch;
    if (stepped.found !== null) all.push(stepped.found);
  });
  return all.map(({ version, sinceMinute }) => `${version}@${sinceMinute}`);
}
const times = (count: number, minute: Minute): Minute[] => Array.from({ length: count }, () => minute);

test('a new version that takes requests for two minutes is one deployment, begun when it was first seen', () => {
  expect(found([...times(5, { a: 600 }), { a: 300, b: 300 }, { b: 600 }, ...times(10, { b: 600 })])).toEqual([
    'b@1005',
  ]);
});

test('the first version ever seen is none, also when it is seen after an hour without requests', () => {
  expect(found([...times(3, null), ...times(5, { a: 600 })])).toEqual([]);
  expect(found([...times(3, { a: 600 }), ...times(60, null), ...times(5, { b: 600 })])).toEqual([]);
  expect(found([...times(3, { a: 600 }), ...times(59, null), ...times(5, { b: 600 })])).toEqual(['b@1062']);
});

test('a version that flickers is none: one minute, every other minute, a share below a twentieth', () => {
  expect(found([{ a: 600 }, { a: 500, b: 100 }, ...times(5, { a: 600 })])).toEqual([]);
  const flicker = Array.from({ length: 12 }, (_, at): Minute => (at % 2 === 0 ? { a: 600 } : { a: 500, b: 100 }));
  expect(found(flicker)).toEqual([]);
  expect(found([{ a: 600 }, ...times(20, { a: 951, b: 49 })])).toEqual([]);
  expect(found([{ a: 600 }, ...times(20, { a: 950, b: 50 })])).toEqual(['b@1001']);
});

test('two versions side by side for long are one deployment, however few their requests are', () => {
  expect(found([{ a: 600 }, ...times(300, { a: 540, b: 60 }), ...times(20, { b: 600 })])).toEqual(['b@1001']);
  // A tenth of ten requests: away for minutes by chance.
  const chance = Array.from({ length: 60 }, (_, at): Minute => (at % 6 < 2 ? { a: 9, b: 1 } : { a: 10 }));
  expect(found([{ a: 10 }, ...times(2, { a: 9, b: 1 }), ...chance])).toEqual(['b@1001']);
});

test('a rollback to an earlier version is a deployment, each time', () => {
  const minutes = [
    { a: 600 },
    ...times(5, { b: 600 }),
    ...times(5, { a: 600 }),
    ...times(5, { b: 600 }),
    ...times(5, { a: 600 }),
  ];
  expect(found(minutes)).toEqual(['b@1001', 'a@1006', 'b@1011', 'a@1016']);
});

test('gaps and restarts are none: of the data, of a source that stops to tell versions, of this service', () => {
  expect(found([{ a: 600 }, ...times(30, null), ...times(5, { a: 600 })])).toEqual([]);
  expect(found([{ a: 600 }, ...times(5, { '': 600 }), ...times(5, { a: 600 })])).toEqual([]);
  expect(found([{ a: 600 }, { b: 600 }, ...times(4, null), { b: 600 }], { restarts: true })).toEqual(['b@1001']);
});

test('several at once are one, named after the busiest; hundreds are bounded', () => {
  expect(found([{ a: 600 }, ...times(5, { b: 200, c: 400 })])).toEqual(['c@1001']);
  const many = (at: number) => Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${at}-${index}`, 1]));
  expect(found(Array.from({ length: 50 }, (_, at) => many(at)))).toEqual([]);
  const { watch } = step(null, 'source', { minute: 1, requests: new Map(Object.entries(many(1))) }, 2);
  expect(Object.keys(watch.serving)).toHaveLength(20);
});

test('where rates are of a longer window, one burst is not seen as two minutes', () => {
  expect(found([{ a: 600 }, ...times(4, { a: 500, b: 100 }), ...times(5, { a: 600 })], { confirm: 5 })).toEqual([]);
});

test('hostile names are cut and cleaned, and lose nobody their place', () => {
  const long = 'x'.repeat(400);
  expect(found([{ a: 1 }, ...times(3, { [long]: 9 })])).toEqual([`${'x'.repeat(255)}@1001`]);
  expect(found([{ a: 1 }, ...times(3, { '\u202e1.2\u0000\n': 9 })])).toEqual(['1.2@1001']);
  expect(found([{ a: 9 }, ...times(3, { __proto__x: 9, constructor: 9 })])).toEqual(['__proto__x@1001']);
});

test('another source is seen for the first time', () => {
  const { watch } = step(null, 'one', { minute: 1, requests: new Map([['a', 9]]) }, 2);
  const other = step(watch, 'two', { minute: 2, requests: new Map([['b', 9]]) }, 1);
  expect(other.found).toBeNull();
});

test('a deployment of CI owns a version: one that runs, the same, an unknown one once, one in other words', () => {
  const present = { share: 1, absentMinutes: 0, missedRequests: 0 };
  const watch = { serving: { '2.0.0': present, '1.0.0': present }, sighted: {}, owned: null };
  const ci = { id: 'one', isRunning: false, version: null, commitSha: null };
  const owns = (one: Partial<typeof ci> | object, more: Partial<VersionWatch> = {}) =>
    ownerOf([{ ...ci, ...one }], { version: '2.0.0', sinceMinute: 1 }, { ...watch, ...more }) !== null;
  expect(owns({ isRunning: true, version: '1.0.0' })).toBe(true);
  expect(owns({ version: '2.0.0' })).toBe(true);
  expect(owns({ version: 'v2.0.0' })).toBe(true);
  expect(owns({ version: '1.0.0' })).toBe(false);
  expect(owns({ version: 'build 17' })).toBe(true);
  expect(owns({})).toBe(true);
  expect(owns({}, { owned: { deploymentId: 'one', version: '3.0.0' } })).toBe(false);
  expect(owns({}, { owned: { deploymentId: 'two', version: '3.0.0' } })).toBe(true);
  expect(ownerOf([], { version: '2.0.0', sinceMinute: 1 }, watch)).toBeNull();
  const commit = { ...ci, version: '1.0.0', commitSha: 'c6ef362a01' };
  expect(ownerOf([commit], { version: 'c6ef362', sinceMinute: 1 }, watch)).toBe(commit);
});

test('a minute in which the one that serves alone pushed need not be counted', () => {
  const serving = (...versions: string[]) =>
    Object.fromEntries(versions.map((name) => [name, { share: 1, absentMinutes: 0, missedRequests: 0 }]));
  const watch = { identity: 'otlp:1', minute: 1, knownMinute: 1, serving: serving('1'), sighted: {}, owned: null };
  expect(saysNothingNew(watch, 'otlp:1', ['1'])).toBe(true);
  // Names as they are stored.
  expect(saysNothingNew(watch, 'otlp:1', [' 1\u202e'])).toBe(true);
  expect(saysNothingNew(watch, 'otlp:2', ['1'])).toBe(false);
  expect(saysNothingNew(watch, 'otlp:1', [])).toBe(false);
  expect(saysNothingNew(watch, 'otlp:1', ['2'])).toBe(false);
  expect(saysNothingNew(watch, 'otlp:1', ['1', '2'])).toBe(false);
  // One of two may still push and take no requests any more: when it takes some again, that is a rollback.
  expect(saysNothingNew({ ...watch, serving: serving('1', '2') }, 'otlp:1', ['1', '2'])).toBe(false);
  expect(saysNothingNew({ ...watch, sighted: { 2: { sinceMinute: 1, minutes: 1 } } }, 'otlp:1', ['1'])).toBe(false);
  const absent = { 1: { share: 1, absentMinutes: 1, missedRequests: 3 } };
  expect(saysNothingNew({ ...watch, serving: absent }, 'otlp:1', ['1'])).toBe(false);
});
