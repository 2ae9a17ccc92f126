import { expect, test } from 'vitest';
import { readableLine, wantsColours } from '../../src/log/readable-lines.ts';

const AT = new Date(2030, 0, 2, 3, 4, 5).toISOString();
const line = (entry: object) => JSON.stringify({ time: AT, level: 'info', ...entry });
const plain = (entry: object) => readableLine(line(entry), { colours: false });

test('a message comes with the time of the reader’s own clock, its event and its trace left out', () => {
  const told = {
    event: 'service_started',
    url: 'http://x',
    msg: 'SeqPulse listens on http://x',
    trace_id: 'a',
    span_id: 'b',
  };
  expect(plain(told)).toBe('03:04:05  SeqPulse listens on http://x\n');
});

test('what is not plain information says so, and other fields follow', () => {
  expect(plain({ level: 'warn', msg: 'lost', attempts: 3, seconds: 0.123456, place: { a: 1 } })).toBe(
    '03:04:05  WARN  lost  attempts=3 seconds=0.123 place={ a: 1 }\n',
  );
  expect(plain({ level: 'error', msg: 'broken' })).toBe('03:04:05  ERROR broken\n');
});

test('an error comes with its stack below', () => {
  expect(plain({ level: 'error', msg: 'broken', err: { message: 'why', stack: 'Error: why\n    at here' } })).toBe(
    '03:04:05  ERROR broken\n          Error: why\n              at here\n',
  );
});

test('control sequences of a terminal in what a client sent are shown and not obeyed', () => {
  expect(plain({ msg: '\u001b[2Jgone', path: '/a\u009b31m\nb', err: { message: '\u001b]0;title\u0007' } })).toBe(
    '03:04:05  \\u001b[2Jgone  path=/a\\u009b31m\\nb\n          \\u001b]0;title\\u0007\n',
  );
});

test('colours only where they are wanted', () => {
  expect(readableLine(line({ level: 'warn', msg: 'lost' }), { colours: true })).toContain('\u001b[33mWARN');
  expect(wantsColours({})).toBe(true);
  expect(wantsColours({ NO_COLOR: '' })).toBe(true);
  expect(wantsColours({ NO_COLOR: '1' })).toBe(false);
  expect(wantsColours({ TERM: 'dumb' })).toBe(false);
});

test('what is no line of the log is passed on as it is', () => {
  expect(readableLine('not JSON\n', { colours: true })).toBe('not JSON\n');
});
