import { describe, expect, test } from 'vitest';
import { HANGS_AFTER_MS, MAX_DOUBTFUL, SATURATED_FOR_MS } from '../../../src/sources/network/names/name-resolver.ts';
import {
  LANES_WITHOUT_PROCESS,
  LOST_AFTER_MS,
  MAX_PROCESSES,
} from '../../../src/sources/network/names/resolver-lanes.ts';
import { LANES_PER_PROCESS } from '../../../src/sources/network/names/resolver-process.ts';
import { stageResolver } from './stage-resolver.ts';

const FOUND = ['192.0.2.1'];
const HANGS = 'name does not resolve in time';
const FULL = 'name was not looked up in time: too many other names hang';
const names = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word}-${index}.example`);

describe('a name that hangs', () => {
  test('among healthy ones holds up none of them, and is told to whoever asks once its time is over', async () => {
    using stage = stageResolver();
    const first = stage.ask('a', 'b', 'hang', 'c', 'd');
    await stage.settle();
    expect(first.outcomes).toEqual([FOUND, FOUND, 'waits', FOUND, FOUND]);
    await stage.clock.tick(HANGS_AFTER_MS);
    expect(first.outcomes[2]).toBe(HANGS);
    expect(stage.resolver.state()).toEqual({ hanging: 1, saturated: false, fault: null });
    const later = stage.ask('hang', 'a');
    await stage.settle();
    expect(later.outcomes).toEqual([HANGS, FOUND]);
    expect(stage.lookUps.filter((name) => name === 'hang')).toHaveLength(1);
  });

  test('is looked up again 15 s after the system gave it up, and then like any other', async () => {
    using stage = stageResolver();
    let isBack = false;
    stage.answer = (name) => (isBack || name !== 'hang' ? FOUND : null);
    const first = stage.ask('hang');
    await stage.clock.tick(HANGS_AFTER_MS);
    expect(first.outcomes).toEqual([HANGS]);
    isBack = true;
    stage.processes[0]?.end();
    await stage.clock.tick(14_999);
    const early = stage.ask('hang');
    await stage.settle();
    expect(early.outcomes).toEqual([`${HANGS}: it is looked up again in 1 s`]);
    await stage.clock.tick(1);
    const again = stage.ask('hang');
    await stage.settle();
    expect(again.outcomes).toEqual([FOUND]);
    expect(stage.resolver.state()).toEqual({ hanging: 0, saturated: false, fault: null });
  });

  test('wanted by many projects takes one lane', async () => {
    using stage = stageResolver();
    const all = stage.ask(...Array.from({ length: 500 }, () => 'hang'));
    await stage.clock.tick(HANGS_AFTER_MS);
    expect(new Set(all.outcomes)).toEqual(new Set([HANGS]));
    expect(stage.lookUps).toEqual(['hang']);
  });

  test('is counted while anybody asks for it, logged once, and forgotten two minutes after', async () => {
    using stage = stageResolver();
    stage.ask('hang-a', 'hang-b');
    await stage.clock.tick(HANGS_AFTER_MS);
    expect(stage.resolver.state().hanging).toBe(2);
    await stage.clock.tick(LOST_AFTER_MS - HANGS_AFTER_MS);
    await stage.clock.tick(119_999);
    expect(stage.resolver.state().hanging).toBe(2);
    await stage.clock.tick(1);
    expect(stage.resolver.state().hanging).toBe(0);
    stage.ask('a');
    await stage.settle();
    expect(stage.logged.map(({ event }) => event)).toEqual(['names_hang', 'resolver_lost', 'names_resolve']);
  });

  test('for longer than the system ever asks loses its process; what shared it is answered by the next', async () => {
    using stage = stageResolver();
    stage.ask('hang');
    await stage.settle();
    await stage.clock.tick(LOST_AFTER_MS - 1_000);
    let slow: readonly string[] | null = null;
    stage.answer = () => slow;
    const beside = stage.ask('beside');
    await stage.settle();
    slow = FOUND;
    await stage.clock.tick(1_000);
    expect(stage.processes.map(({ isOver }) => isOver)).toEqual([true, false]);
    expect(beside.outcomes).toEqual([FOUND]);
  });
});

describe('a name that fails quickly', () => {
  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])('with %s is not asked for again for 3 s', async (code) => {
    using stage = stageResolver();
    stage.answer = () => code;
    const first = stage.ask('gone');
    await stage.settle();
    expect(first.outcomes).toEqual([`getaddrinfo ${code}`]);
    await stage.clock.tick(2_999);
    stage.answer = () => FOUND;
    const early = stage.ask('gone');
    await stage.settle();
    expect(early.outcomes).toEqual([`getaddrinfo ${code}`]);
    await stage.clock.tick(1);
    const late = stage.ask('gone');
    await stage.settle();
    expect(late.outcomes).toEqual([FOUND]);
    expect(stage.resolver.state().hanging).toBe(0);
  });

  test('every other time is answered every other time', async () => {
    using stage = stageResolver();
    let turn = 0;
    stage.answer = () => (turn++ % 2 === 0 ? FOUND : 'ENOTFOUND');
    for (const expected of [FOUND, 'getaddrinfo ENOTFOUND', FOUND, 'getaddrinfo ENOTFOUND']) {
      const { outcomes } = stage.ask('turns');
      await stage.settle();
      expect(outcomes).toEqual([expected]);
      await stage.clock.tick(5_000);
    }
  });
});

describe('very many names at once', () => {
  test('that all hang leave a quarter of the lanes to names that answered before', async () => {
    using stage = stageResolver();
    const known = names('known', 20);
    stage.ask(...known);
    await stage.settle();
    expect(stage.resolver.state().saturated).toBe(false);
    const hanging = stage.ask(...names('hang', 1_000));
    await stage.settle();
    await stage.clock.tick(2_000);
    expect(stage.processes).toHaveLength(MAX_DOUBTFUL / LANES_PER_PROCESS);
    // All the lanes that there are for names which never answered are taken, before anybody had to be refused.
    expect(stage.resolver.state().saturated).toBe(true);
    expect(stage.processes.map(({ asked }) => asked.length)).toEqual([64, 64, 64]);
    const healthy = stage.ask(...known);
    await stage.clock.tick(250);
    expect(new Set(healthy.outcomes.flat())).toEqual(new Set(FOUND));
    expect(stage.processes).toHaveLength(MAX_PROCESSES);
    await stage.clock.tick(5_000);
    expect(hanging.outcomes.filter((one) => one === HANGS)).toHaveLength(MAX_DOUBTFUL);
    expect(hanging.outcomes.filter((one) => one === FULL)).toHaveLength(1_000 - MAX_DOUBTFUL);
    expect(stage.resolver.state().saturated).toBe(true);
    // The look-ups that hold the lanes are lost by then; those that had none in time are told for two minutes.
    await stage.clock.tick(SATURATED_FOR_MS - 3_000);
    expect(stage.resolver.state().saturated).toBe(true);
    await stage.clock.tick(10_000);
    expect(stage.resolver.state().saturated).toBe(false);
  });

  test('of which 30 % hang are all answered, whether or not they were ever asked for', async () => {
    using stage = stageResolver();
    const mixed = names('name', 400).map((name, index) => (index % 10 < 3 ? `hang-${name}` : name));
    const asked = stage.ask(...mixed);
    // Two more processes, each after a quarter of a second.
    await stage.clock.tick(500);
    expect(asked.outcomes.filter((one) => one === 'waits')).toHaveLength(120);
    expect(asked.outcomes.flat().filter((one) => one === FOUND[0])).toHaveLength(280);
  });

  test('that are healthy are answered by one process, a lane after the other', async () => {
    using stage = stageResolver();
    const { outcomes } = stage.ask(...names('healthy', 1_000));
    await stage.settle();
    expect(outcomes.flat().filter((one) => one === FOUND[0])).toHaveLength(1_000);
    expect(stage.processes).toHaveLength(1);
  });

  test('need their processes no longer when all is quiet: but for one they end', async () => {
    using stage = stageResolver();
    const answered = Promise.withResolvers<string[]>();
    stage.answer = () => answered.promise;
    const { outcomes } = stage.ask(...names('slow', MAX_DOUBTFUL));
    await stage.clock.tick(1_000);
    expect(stage.processes).toHaveLength(3);
    answered.resolve(FOUND);
    await stage.settle();
    expect(outcomes.flat().filter((one) => one === FOUND[0])).toHaveLength(MAX_DOUBTFUL);
    await stage.clock.tick(60_000);
    expect(stage.processes.map(({ isOver }) => isOver)).toEqual([false, true, true]);
  });
});

describe('a resolver process', () => {
  test('that is killed hands its look-ups to another, and nobody notices', async () => {
    using stage = stageResolver();
    stage.answer = () => null;
    const { outcomes } = stage.ask('a', 'b');
    await stage.settle();
    stage.answer = () => FOUND;
    stage.processes[0]?.end();
    await stage.settle();
    expect(outcomes).toEqual([FOUND, FOUND]);
    expect(stage.logged.map(({ event }) => event)).toEqual(['resolver_lost']);
  });

  test('that a name takes down three times is not asked for that name a fourth time', async () => {
    using stage = stageResolver();
    stage.answer = (name) => {
      if (name === 'poison') queueMicrotask(() => stage.processes.at(-1)?.end());
      return name === 'poison' ? null : FOUND;
    };
    const { outcomes } = stage.ask('poison');
    await stage.settle();
    await stage.settle();
    expect(stage.lookUps).toEqual(['poison', 'poison', 'poison']);
    expect(outcomes).toEqual(['ended with SIGKILL']);
    const later = stage.ask('poison', 'healthy');
    await stage.settle();
    expect(later.outcomes).toEqual([`${HANGS}: it is looked up again in 15 s`, FOUND]);
  });

  test('that cannot be started leaves a few look-ups to this process, is tried again, and says so', async () => {
    using stage = stageResolver();
    stage.canStart = false;
    const { outcomes } = stage.ask('a', ...names('hang', LANES_WITHOUT_PROCESS), 'b');
    await stage.settle();
    expect(outcomes).toEqual([FOUND, ...names('hang', LANES_WITHOUT_PROCESS).map(() => 'waits'), 'waits']);
    expect(stage.resolver.state().fault).toBe('spawn EAGAIN');
    stage.canStart = true;
    await stage.clock.tick(1_000);
    expect(outcomes.at(-1)).toEqual(FOUND);
    expect(stage.resolver.state().fault).toBeNull();
    expect(stage.logged.map(({ event }) => event)).toEqual(['resolver_failed', 'resolver_runs']);
  });

  test('that never can is tried every 30 s at last', async () => {
    using stage = stageResolver();
    stage.canStart = false;
    stage.ask('a');
    await stage.clock.tick(600_000);
    expect(stage.processes.length).toBeGreaterThan(18);
    expect(stage.processes.length).toBeLessThan(28);
  });

  test('that comes up late delays its names, and makes none of them hang', async () => {
    using stage = stageResolver();
    stage.readiesItself = false;
    const { outcomes } = stage.ask('a');
    await stage.clock.tick(HANGS_AFTER_MS - 1);
    stage.processes[0]?.becomeReady();
    await stage.settle();
    expect(outcomes).toEqual([FOUND]);
  });

  test('that never comes up is ended', async () => {
    using stage = stageResolver();
    stage.readiesItself = false;
    stage.ask('a');
    await stage.clock.tick(20_000);
    expect(stage.processes[0]?.isOver).toBe(true);
    expect(stage.resolver.state().fault).toBe('ended with SIGKILL');
  });

  test('ends at once with look-ups that hang, and whoever waits is told', async () => {
    using stage = stageResolver();
    const { outcomes } = stage.ask('hang');
    await stage.settle();
    stage.resolver.close();
    await stage.settle();
    expect(outcomes).toEqual(['names are not looked up any more']);
    expect(stage.processes.every(({ isOver }) => isOver)).toBe(true);
    const after = stage.ask('a');
    await stage.settle();
    expect(after.outcomes).toEqual(['names are not looked up any more']);
    expect(stage.processes).toHaveLength(1);
  });
});
