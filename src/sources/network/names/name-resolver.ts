import { type ResolveHost, systemResolveHost } from '../resolve-host.ts';
import { LookUpsFullError, NameHangsError, ResolverLostError } from './look-up-errors.ts';
import { createNameMemory, type NameStanding } from './name-memory.ts';
import { createResolverLanes, MAX_PROCESSES, type Timers } from './resolver-lanes.ts';
import { LANES_PER_PROCESS, type StartResolverProcess, startResolverProcess } from './resolver-process.ts';

export interface NamesState {
  /** Names that lately did not resolve within the time of a read. */
  readonly hanging: number;
  /** Whether others had to wait for them lately: look-ups had no lane in time, or those for new names have none left. */
  readonly saturated: boolean;
  /** Why look-ups have no process of their own, null when they have. */
  readonly fault: string | null;
}

/**
 * Resolves the names of other people's hosts so that names which hang hold up nobody else: in processes of their own,
 * so many at a time, and not again at once. A look-up goes through these states:
 *
 * - `waiting` for a lane: names that answered the last time first, those that hung last. Left after 5 s: full.
 * - `asking` in a lane. Whoever wants the same name joins. Left by an answer, or after 5 s: hanging.
 * - `hanging`: everybody is told at once, also who comes later; it holds its lane until the system gives it up.
 *
 * Then what is remembered (name-memory.ts) answers for a few seconds. No address is remembered: who asks gets one that
 * was looked up after it asked or just before.
 */
export interface NameResolver {
  /** As node:dns does; besides rejects with a NameHangsError or a LookUpsFullError. */
  readonly resolve: ResolveHost;
  state(): NamesState;
  /** Ends the processes; whoever still waits is rejected. */
  close(): void;
}

/** As much of a logger as is needed here. */
export interface NamesLog {
  warn(fields: { readonly event: string; readonly reason?: string }, message: string): void;
  info(fields: { readonly event: string }, message: string): void;
}

export interface NameResolverDeps {
  readonly log: NamesLog;
  readonly startProcess?: StartResolverProcess;
  readonly resolveHere?: ResolveHost;
  /** Milliseconds of a clock that never steps. Default: the process's. */
  readonly now?: () => number;
  readonly timers?: Timers;
}

/** What a whole read gets (docs/contract.md, What an observed application serves): after that nobody waits. */
export const HANGS_AFTER_MS = 5_000;
/** A first burst passes through one process within this; look-ups that wait longer need more lanes. */
const GROWS_AFTER_MS = 250;
/** A quarter of the lanes is for names that answered the last time, however many others hang. */
export const MAX_DOUBTFUL = (MAX_PROCESSES * LANES_PER_PROCESS * 3) / 4;
/** Readings come a minute apart: one of them that found no lane is still worth telling at the next. */
export const SATURATED_FOR_MS = 120_000;
/** A name that takes its process down with it (a broken module of the system) must not take the next ones, too. */
const MAX_TRIES = 3;

interface LookUp {
  readonly hostname: string;
  readonly standing: NameStanding;
  readonly answer: PromiseWithResolvers<readonly string[]>;
  phase: 'waiting' | 'asking' | 'hanging' | 'over';
  tries: number;
  timer: unknown;
}

const IN_TURN: readonly NameStanding[] = ['answers', 'unknown', 'hangs'];

export function createNameResolver(deps: NameResolverDeps): NameResolver {
  const { log, now = () => performance.now(), timers = { setTimeout, clearTimeout: clearNodeTimeout } } = deps;
  const memory = createNameMemory(now);
  const underWay = new Map<string, LookUp>();
  const waiting: Record<NameStanding, LookUp[]> = { answers: [], unknown: [], hangs: [] };
  let doubtful = 0;
  let growth: unknown = null;
  let hangingTold = false;
  let fullAtMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const lanes = createResolverLanes({
    start: deps.startProcess ?? startResolverProcess,
    resolveHere: deps.resolveHere ?? systemResolveHost,
    timers,
    onRoom: () => {
      // What came may be enough.
      timers.clearTimeout(growth);
      growth = null;
      dispatch();
    },
    onNews: ({ event, reason }) => log.warn({ event, reason }, NEWS[event]),
  });

  function resolve(hostname: string): Promise<readonly string[]> {
    if (isClosed) return Promise.reject(new ResolverLostError('names are not looked up any more'));
    const joined = underWay.get(hostname);
    if (joined !== undefined) {
      return joined.phase === 'hanging' ? Promise.reject(new NameHangsError(null)) : joined.answer.promise;
    }
    const known = memory.recall(hostname);
    if (known !== null) return Promise.reject(known);
    const lookUp: LookUp = {
      hostname,
      standing: memory.standing(hostname),
      answer: Promise.withResolvers(),
      phase: 'waiting',
      tries: 0,
      timer: null,
    };
    underWay.set(hostname, lookUp);
    wait(lookUp);
    dispatch();
    return lookUp.answer.promise;
  }

  function wait(lookUp: LookUp): void {
    lookUp.phase = 'waiting';
    lookUp.timer = timers.setTimeout(() => {
      fullAtMs = now();
      end(lookUp, new LookUpsFullError());
    }, HANGS_AFTER_MS);
    waiting[lookUp.standing].push(lookUp);
  }

  /** Gives free lanes to those who wait. */
  function dispatch(): void {
    if (isClosed) return;
    for (const standing of IN_TURN) {
      const queue = waiting[standing];
      for (let next = queue[0]; next !== undefined; next = queue[0]) {
        if (standing !== 'answers' && doubtful >= MAX_DOUBTFUL) return;
        const asked = lanes.take(next.hostname);
        if (asked === null) {
          growSoon();
          return;
        }
        queue.shift();
        ask(next, asked);
      }
    }
  }

  function growSoon(): void {
    growth ??= timers.setTimeout(() => {
      growth = null;
      lanes.grow();
      dispatch();
    }, GROWS_AFTER_MS);
  }

  function ask(lookUp: LookUp, asked: Promise<readonly string[]>): void {
    lookUp.phase = 'asking';
    lookUp.tries += 1;
    timers.clearTimeout(lookUp.timer);
    lookUp.timer = timers.setTimeout(() => hang(lookUp), HANGS_AFTER_MS);
    if (lookUp.standing !== 'answers') doubtful += 1;
    const isOver = () => {
      if (lookUp.standing !== 'answers') doubtful -= 1;
    };
    asked.then(
      (addresses) => {
        isOver();
        if (lookUp.phase === 'asking') memory.resolved(lookUp.hostname);
        end(lookUp, addresses);
      },
      (error: Error) => {
        isOver();
        refused(lookUp, error);
      },
    );
  }

  function refused(lookUp: LookUp, error: Error): void {
    if (lookUp.phase === 'asking' && error instanceof ResolverLostError && lookUp.tries < MAX_TRIES && !isClosed) {
      timers.clearTimeout(lookUp.timer);
      wait(lookUp);
      dispatch();
      return;
    }
    if (lookUp.phase === 'asking' && !(error instanceof ResolverLostError)) memory.failed(lookUp.hostname, error);
    else memory.hung(lookUp.hostname);
    end(lookUp, error);
  }

  function hang(lookUp: LookUp): void {
    lookUp.phase = 'hanging';
    memory.hung(lookUp.hostname);
    lookUp.answer.reject(new NameHangsError(null));
    if (!hangingTold) log.warn({ event: 'names_hang' }, 'names of metrics endpoints do not resolve in time');
    hangingTold = true;
  }

  function end(lookUp: LookUp, outcome: readonly string[] | Error): void {
    timers.clearTimeout(lookUp.timer);
    if (lookUp.phase === 'waiting') waiting[lookUp.standing].splice(waiting[lookUp.standing].indexOf(lookUp), 1);
    // From now on it is left alone for a while; its look-up held a lane until here.
    if (lookUp.phase === 'hanging') memory.hung(lookUp.hostname);
    lookUp.phase = 'over';
    underWay.delete(lookUp.hostname);
    if (outcome instanceof Error) lookUp.answer.reject(outcome);
    else lookUp.answer.resolve(outcome);
    if (hangingTold && memory.hanging() === 0) {
      hangingTold = false;
      log.info({ event: 'names_resolve' }, 'names of metrics endpoints resolve in time again');
    }
    dispatch();
  }

  return {
    resolve,
    state: () => ({
      hanging: memory.hanging(),
      saturated: doubtful >= MAX_DOUBTFUL || now() - fullAtMs < SATURATED_FOR_MS,
      fault: lanes.fault(),
    }),
    close() {
      isClosed = true;
      timers.clearTimeout(growth);
      for (const lookUp of [...underWay.values()])
        end(lookUp, new ResolverLostError('names are not looked up any more'));
      lanes.close();
    },
  };
}

const NEWS = {
  resolver_failed: 'names have no process of their own to be looked up in: a few at a time are looked up here',
  resolver_runs: 'names are looked up in a process of their own again',
  resolver_lost: 'a process that looks names up ended: its look-ups go to another',
} as const;

function clearNodeTimeout(handle: unknown): void {
  clearTimeout(handle as NodeJS.Timeout | undefined);
}
