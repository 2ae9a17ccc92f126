import { describe, expect, test } from 'vitest';
import { type HintFacts, hintsOf } from '../../src/verdict/hints.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Hint, JudgeInput, Sample } from '../../src/verdict/types.ts';
import { deployment, MINUTE_MS } from './samples.ts';

/** Fifteen quiet minutes from midnight on, then five that differ; the pipeline ended a minute before the first of them. */
const story = (values: (minute: number) => Partial<Sample>): JudgeInput => deployment(15, 5, values);
const FINISHED: HintFacts = { finishedAtMs: 14 * MINUTE_MS, failedReads: null, traceId: null };

function hints(input: JudgeInput, facts: Partial<HintFacts> = {}): Hint[] {
  return hintsOf(judge(input), input, { ...FINISHED, ...facts });
}
const texts = (input: JudgeInput, facts: Partial<HintFacts> = {}) => hints(input, facts).map(({ text }) => text);

describe('which metric moved first, and since when', () => {
  test('from the first sample on, and what did not move', () => {
    expect(texts(story(() => ({ latency_p95: 580 })))).toEqual([
      'p95 latency (above 245 ms) moved first, from 00:15 UTC on, with sample 1 of 5 after the deployment, 1 minute after the pipeline ended.',
      'Errors, traffic, CPU and memory did not move by as much as half of what matters.',
    ]);
  });

  test('the others follow, with how much later', () => {
    const told = hints(
      story((minute) => ({ latency_p95: minute >= 1 ? 580 : 180, error_rate: minute >= 3 ? 0.2 : 0.002 })),
    );
    expect(told.slice(0, 2).map(({ kind, text, metrics, sinceMs }) => ({ kind, text, metrics, sinceMs }))).toEqual([
      {
        kind: 'moved_first',
        text: 'p95 latency (above 245 ms) moved first, from 00:16 UTC on, with sample 2 of 5 after the deployment, 2 minutes after the pipeline ended.',
        metrics: ['latency_p95'],
        sinceMs: 16 * MINUTE_MS,
      },
      {
        kind: 'moved_later',
        text: 'Errors (above 0.60 %) followed from 00:18 UTC on, 2 minutes later.',
        metrics: ['error_rate'],
        sinceMs: 18 * MINUTE_MS,
      },
    ]);
  });

  test('two at once are first together', () => {
    const [first] = hints(story(() => ({ latency_p95: 580, requests_per_sec: 2 })));
    expect(first).toMatchObject({ metrics: ['latency_p95', 'requests_per_sec'] });
    expect(first?.text).toMatch(/^p95 latency \(above 245 ms\) and traffic \(below 4\.60\/s\) moved first, /);
  });

  test('one early peak is no beginning', () => {
    const peak = [580, 180, 180, 180, 580, 580, 580, 580];
    const input = deployment(15, 8, (minute) => ({ latency_p95: peak[minute] ?? 180 }));
    expect(hints(input)[0]).toMatchObject({ kind: 'moved_first', sinceMs: 19 * MINUTE_MS });
  });

  test('a climb begins with the window', () => {
    const [first] = hints(story((minute) => ({ memory_usage: 0.52 + 0.05 * minute })));
    expect(first).toMatchObject({ metrics: ['memory_usage'], sinceMs: 15 * MINUTE_MS });
    expect(first?.text).toMatch(/^Memory \(a steady climb\) moved first, from 00:15 UTC on/);
  });

  test('a moment between minutes is told to the second; without a time of the end nothing is said of it', () => {
    const input = story(() => ({ latency_p95: 580 }));
    const moved = { ...input, post: input.post.map((one) => ({ ...one, collectedAtMs: one.collectedAtMs + 7_000 })) };
    expect(texts(moved, { finishedAtMs: null })[0]).toBe(
      'p95 latency (above 245 ms) moved first, from 00:15:07 UTC on, with sample 1 of 5 after the deployment.',
    );
    expect(texts(moved, { finishedAtMs: 15 * MINUTE_MS })[0]).toContain(', 7 s after the pipeline ended.');
  });
});

test('what moved without failing is told with its numbers, for the worse and for the better', () => {
  const told = hints(story(() => ({ latency_p95: 580, cpu_usage: 0.21, requests_per_sec: 28 })));
  expect(told.slice(1).map(({ kind, text, metrics }) => [kind, text, metrics])).toEqual([
    [
      'moved_with',
      'Moved too, without failing: traffic rose from 20/s to 28/s; CPU fell from 30 % to 21 %.',
      ['requests_per_sec', 'cpu_usage'],
    ],
    [
      'did_not_move',
      'Errors and memory did not move by as much as half of what matters.',
      ['error_rate', 'memory_usage'],
    ],
  ]);
});

describe('how reading went', () => {
  const slow = (minute: number): Partial<Sample> => ({ latency_p95: 580, lateSeconds: minute === 4 ? 34 : 0 });
  const readsOf = (input: JudgeInput, facts: Partial<HintFacts> = {}) =>
    hints(input, facts).find(({ kind }) => kind === 'reads')?.text;

  test('late, missing and failed reads', () => {
    expect(readsOf(story(slow))).toBe('Of 5 samples after the deployment one was read late, 34 s after its time.');
    const few = { ...story((minute) => ({ ...slow(minute), lateSeconds: 30 + minute * 30 })), expectedPost: 6 };
    expect(readsOf(few, { failedReads: { tries: 3, lastError: 'no answer within 5 s' } })).toBe(
      'Of 6 samples after the deployment 5 were read late, the latest 3 minutes after its time and 1 is missing; 3 tries to read failed, the last one: no answer within 5 s.',
    );
    expect(
      readsOf(
        story(() => ({ latency_p95: 580 })),
        { failedReads: { tries: 1, lastError: 'it answered 500' } },
      ),
    ).toBe('1 try to read failed, the last one: it answered 500.');
  });

  test('nothing is said where it went as it should', () => {
    expect(readsOf(story(() => ({ latency_p95: 580 })))).toBeUndefined();
  });
});

test('what was left out, and the trace, come last', () => {
  const input = story(() => ({ latency_p95: 580 }));
  const twice = { ...input, post: [...input.post, { ...(input.post[0] as Sample) }] };
  const told = hints(twice, { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }).slice(-2);
  expect(told).toMatchObject([
    { kind: 'left_out', text: 'Left out: 1 after (a second reading of the same moment).', traceId: null },
    {
      kind: 'trace',
      text: 'The deployment’s steps are in the trace 4bf92f3577b34da6a3ce929d0e0e4736.',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
  ]);
});

test('an ok needs no hint, and what could not be judged has those of its reading', () => {
  expect(
    hints(
      story(() => ({})),
      { traceId: 'a', failedReads: { tries: 9, lastError: 'x' } },
    ),
  ).toEqual([]);
  const nothing = { ...story(() => ({})), post: [] };
  expect(texts(nothing, { failedReads: { tries: 4, lastError: 'it refused the connection' } })).toEqual([
    'Of 5 samples after the deployment 5 are missing; 4 tries to read failed, the last one: it refused the connection.',
  ]);
});
