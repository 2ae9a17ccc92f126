import { TestClock } from 'pg-boss';
import { pino } from 'pino';
import { lookUpError, ResolverLostError } from '../../../src/sources/network/names/look-up-errors.ts';
import { createNameResolver, type NameResolver } from '../../../src/sources/network/names/name-resolver.ts';
import type { ResolverProcessEvents } from '../../../src/sources/network/names/resolver-process.ts';

/** A process that answers as the test says. */
export interface StagedProcess {
  /** Names under way in it. */
  readonly asked: string[];
  becomeReady(): void;
  /** As if killed from outside. */
  end(reason?: string): void;
  readonly isOver: boolean;
}

export interface ResolverStage extends Disposable {
  readonly resolver: NameResolver;
  readonly clock: TestClock;
  readonly processes: StagedProcess[];
  readonly logged: Record<string, unknown>[];
  /** Names asked for so far, over all processes. */
  readonly lookUps: string[];
  /** What a name answers: addresses, at once or later, a code of getaddrinfo, or null: never. Default: names that begin with `hang` never do. */
  answer: (hostname: string) => readonly string[] | Promise<readonly string[]> | string | null;
  /** False: every start fails. */
  canStart: boolean;
  /** False: a process gets ready when the test says so. */
  readiesItself: boolean;
  /** Asks for names; the outcomes so far, in order: addresses, an error's message, or `waits`. */
  ask(...hostnames: string[]): { readonly outcomes: readonly (readonly string[] | string)[] };
  settle(): Promise<void>;
}

/** The resolver with processes that are none, on a clock set by hand. */
export function stageResolver(): ResolverStage {
  const clock = new TestClock(0);
  const logged: Record<string, unknown>[] = [];
  const processes: StagedProcess[] = [];
  const lookUps: string[] = [];
  const settle = async () => await clock.tick(0);
  const answerOf = (hostname: string) => {
    lookUps.push(hostname);
    const said = stage.answer(hostname);
    if (said === null) return new Promise<readonly string[]>(() => {});
    return typeof said === 'string' ? Promise.reject(lookUpError(said)) : Promise.resolve(said);
  };

  function startProcess(events: ResolverProcessEvents) {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const asked: string[] = [];
    let isOver = false;
    const end = (reason = 'ended with SIGKILL') => {
      if (isOver) return;
      isOver = true;
      lost.reject(new ResolverLostError(reason));
      queueMicrotask(() => events.onEnd(reason));
    };
    const staged: StagedProcess = {
      asked,
      becomeReady: events.onReady,
      end,
      get isOver() {
        return isOver;
      },
    };
    processes.push(staged);
    if (!stage.canStart) queueMicrotask(() => end('spawn EAGAIN'));
    else if (stage.readiesItself) queueMicrotask(events.onReady);
    return {
      async lookUp(hostname: string) {
        asked.push(hostname);
        try {
          return await Promise.race([answerOf(hostname), lost.promise]);
        } finally {
          asked.splice(asked.indexOf(hostname), 1);
        }
      },
      kill: () => end(),
    };
  }

  const resolver = createNameResolver({
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) }),
    startProcess,
    resolveHere: answerOf,
    now: () => clock.now(),
    timers: clock,
  });
  const stage: ResolverStage = {
    resolver,
    clock,
    processes,
    logged,
    lookUps,
    answer: (hostname) => (hostname.startsWith('hang') ? null : ['192.0.2.1']),
    canStart: true,
    readiesItself: true,
    ask(...hostnames) {
      const outcomes: (readonly string[] | string)[] = hostnames.map(() => 'waits');
      hostnames.forEach((hostname, index) => {
        resolver.resolve(hostname).then(
          (addresses) => {
            outcomes[index] = addresses;
          },
          (error: Error) => {
            outcomes[index] = error.message;
          },
        );
      });
      return { outcomes };
    },
    settle,
    [Symbol.dispose]: () => resolver.close(),
  };
  return stage;
}
