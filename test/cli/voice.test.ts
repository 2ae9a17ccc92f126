import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVoice } from '../../cli/out/voice.ts';
import type { Environment } from '../../cli/settings.ts';
import type { DeploymentShape } from '../../client/types.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ESCAPE = '\u001b';

function observed(collected: number): DeploymentShape {
  return {
    project: 'checkout',
    env: 'prod',
    number: 128,
    state: 'finished',
    samples: { before: { expected: 15, collected: 15 }, after: { expected: 5, collected } },
  } as DeploymentShape;
}

function voiceOn({
  isTTY,
  env = {},
  columns = 80,
  isQuiet = false,
}: {
  isTTY: boolean;
  env?: Environment;
  columns?: number;
  isQuiet?: boolean;
}) {
  const written: string[] = [];
  const voice = createVoice({ write: (text) => written.push(text), isTTY, columns }, env, isQuiet);
  return { voice, written, text: () => written.join('') };
}

describe('on a terminal', () => {
  it('one line is drawn over and over, counts down by itself, and is gone at the end', () => {
    const { voice, written, text } = voiceOn({ isTTY: true });
    voice.progress(observed(2), 65_000);
    expect(text()).toContain('checkout · prod · #128: 2 of 5 readings after, verdict in 1 min 5 s');
    vi.advanceTimersByTime(5_000);
    expect(written.at(-1)).toContain('verdict in 1 min');
    expect(written.length).toBeGreaterThan(20);
    vi.advanceTimersByTime(61_000);
    expect(written.at(-1)).toContain('the verdict is being made');
    expect(text()).not.toContain('\n');
    voice.done();
    expect(written.at(-1)).toBe(`\r${ESCAPE}[2K`);
    const count = written.length;
    vi.advanceTimersByTime(5_000);
    expect(written).toHaveLength(count);
  });

  it('a line of news takes the place of the live one and stays', () => {
    const { voice, text } = voiceOn({ isTTY: true });
    voice.progress(observed(1), 65_000);
    voice.loud('SeqPulse is away');
    expect(text().endsWith(`\r${ESCAPE}[2K${ESCAPE}[33mseqpulse WARNING: SeqPulse is away${ESCAPE}[39m\n`)).toBe(true);
  });

  it('the line never wraps: what is too long for the window is cut', () => {
    const { voice, written } = voiceOn({ isTTY: true, columns: 40, env: { NO_COLOR: '1' } });
    voice.progress(observed(1), 65_000);
    const shown = written.at(-1)?.replace(`\r${ESCAPE}[2K`, '') ?? '';
    expect([...shown].length).toBeLessThanOrEqual(39);
  });

  it('NO_COLOR takes the colours, not the line', () => {
    const { voice, text } = voiceOn({ isTTY: true, env: { NO_COLOR: '1' } });
    voice.progress(observed(1), 65_000);
    voice.loud('a word', 'error');
    expect(text()).toContain('1 of 5 readings after');
    expect(text().replaceAll(`${ESCAPE}[2K`, '')).not.toContain(ESCAPE);
  });
});

describe.each([
  ['no terminal', { isTTY: false }],
  ['a CI with a terminal', { isTTY: true, env: { CI: 'true', NO_COLOR: '1' } }],
  ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }],
])('%s', (_, where) => {
  it('has a plain line for each thing that is new, and none that repeats one', () => {
    const { voice, text } = voiceOn(where);
    voice.progress(observed(1), 65_000);
    voice.progress(observed(1), 35_000);
    voice.progress(observed(2), 5_000);
    vi.advanceTimersByTime(60_000);
    voice.done();
    expect(text()).toBe(
      'seqpulse checkout · prod · #128: 1 of 5 readings after, verdict in 1 min 5 s\n' +
        'seqpulse checkout · prod · #128: 2 of 5 readings after, verdict in 5 s\n',
    );
  });
});

it.each([true, false])(
  '--quiet says nothing of how it stands (terminal: %s), and what must be seen all the same',
  (isTTY) => {
    const { voice, text } = voiceOn({ isTTY, isQuiet: true, env: { NO_COLOR: '1' } });
    voice.say('something');
    voice.progress(observed(1), 65_000);
    expect(text()).toBe('');
    voice.loud('away');
    expect(text()).toBe('seqpulse WARNING: away\n');
  },
);
