import type { ResolveHost } from '../resolve-host.ts';
import { LANES_PER_PROCESS, type ResolverProcess, type StartResolverProcess } from './resolver-process.ts';

/** Where look-ups run: so many lanes in each resolver process, processes as they are needed. */
export interface ResolverLanes {
  /**
   * Looks a name up in a free lane; null when there is none (a process may be starting: `onRoom` tells). Rejects as
   * node:dns does, or with a ResolverLostError. The lane is taken until then, whoever still waits.
   */
  take(hostname: string): Promise<readonly string[]> | null;
  /** One process more, if there may be: look-ups have waited for a lane. */
  grow(): void;
  /** Why no process can be started, null when they run. Names are then looked up by this process, a few at a time. */
  fault(): string | null;
  /** Ends every process at once. */
  close(): void;
}

export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/**
 * Four processes of 64 lanes are 256 look-ups at once, for 48 MB (11 of them its own) each. The second starts only
 * when look-ups wait, and ends when it had nothing to do.
 */
export const MAX_PROCESSES = 4;
const ENDS_AFTER_IDLE_MS = 60_000;
/** Of the four threads that Node has for it by default two: the service's own look-ups (its database) need some, too. */
export const LANES_WITHOUT_PROCESS = 2;
const READY_WITHIN_MS = 20_000;
/** glibc with its defaults asks three name servers twice for 5 s each; what takes longer never comes back. */
export const LOST_AFTER_MS = 35_000;
const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 30_000;

interface Running {
  readonly process: ResolverProcess;
  isReady: boolean;
  busy: number;
  /** Ends the process that does not come up, or that has nothing to do. */
  timer: unknown;
}

export function createResolverLanes(deps: {
  readonly start: StartResolverProcess;
  /** For when no process can be started. */
  readonly resolveHere: ResolveHost;
  readonly timers: Timers;
  /** There may be a free lane. */
  readonly onRoom: () => void;
  readonly onNews: (news: {
    readonly event: 'resolver_failed' | 'resolver_runs' | 'resolver_lost';
    readonly reason: string;
  }) => void;
}): ResolverLanes {
  const { timers } = deps;
  const processes: Running[] = [];
  let fault: string | null = null;
  let failures = 0;
  let restart: unknown = null;
  let busyHere = 0;
  let isClosed = false;

  function start(): void {
    if (isClosed || restart !== null) return;
    const one: Running = {
      process: deps.start({ onReady: () => becomeReady(one), onEnd: (reason) => ended(one, reason) }),
      isReady: false,
      busy: 0,
      timer: timers.setTimeout(() => one.process.kill(), READY_WITHIN_MS),
    };
    processes.push(one);
  }

  function becomeReady(one: Running): void {
    one.isReady = true;
    timers.clearTimeout(one.timer);
    one.timer = null;
    if (fault !== null)
      deps.onNews({ event: 'resolver_runs', reason: 'names are looked up by a process of their own again' });
    fault = null;
    failures = 0;
    deps.onRoom();
  }

  function ended(one: Running, reason: string): void {
    timers.clearTimeout(one.timer);
    processes.splice(processes.indexOf(one), 1);
    if (isClosed) return;
    if (one.isReady) {
      deps.onNews({ event: 'resolver_lost', reason });
    } else {
      if (fault === null) deps.onNews({ event: 'resolver_failed', reason });
      fault = reason;
      restart ??= timers.setTimeout(
        () => {
          restart = null;
          start();
        },
        Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** failures),
      );
      failures += 1;
    }
    deps.onRoom();
  }

  function freeLane(): Running | null {
    // The first with room: the last ones get idle and can end.
    return processes.find((one) => one.isReady && one.busy < LANES_PER_PROCESS) ?? null;
  }

  async function lookUpIn(one: Running, hostname: string): Promise<readonly string[]> {
    one.busy += 1;
    if (one.timer !== null) timers.clearTimeout(one.timer);
    one.timer = null;
    const lost = timers.setTimeout(() => one.process.kill(), LOST_AFTER_MS);
    try {
      return await one.process.lookUp(hostname);
    } finally {
      timers.clearTimeout(lost);
      one.busy -= 1;
      if (one.busy === 0 && processes.includes(one))
        one.timer = timers.setTimeout(() => endIdle(one), ENDS_AFTER_IDLE_MS);
    }
  }

  function endIdle(one: Running): void {
    one.timer = null;
    // The first stays: environments are read every minute.
    if (processes[0] !== one) one.process.kill();
  }

  async function lookUpHere(hostname: string): Promise<readonly string[]> {
    busyHere += 1;
    try {
      return await deps.resolveHere(hostname);
    } finally {
      busyHere -= 1;
    }
  }

  return {
    take(hostname) {
      const lane = freeLane();
      if (lane !== null) return lookUpIn(lane, hostname);
      if (processes.length === 0) start();
      if (fault !== null && !processes.some((one) => one.isReady) && busyHere < LANES_WITHOUT_PROCESS) {
        return lookUpHere(hostname);
      }
      return null;
    },
    grow() {
      const isComing = processes.some((one) => !one.isReady);
      if (!isComing && processes.length < MAX_PROCESSES) start();
    },
    fault: () => fault,
    close() {
      isClosed = true;
      timers.clearTimeout(restart);
      for (const one of processes) {
        timers.clearTimeout(one.timer);
        one.process.kill();
      }
    },
  };
}
