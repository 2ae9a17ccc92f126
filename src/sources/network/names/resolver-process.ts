import { type ChildProcess, fork } from 'node:child_process';
import { getDefaultResultOrder } from 'node:dns';
import { fileURLToPath } from 'node:url';
import { lookUpError, ResolverLostError } from './look-up-errors.ts';

/** A process that looks names up. Look-ups under way reject with a ResolverLostError when it ends. */
export interface ResolverProcess {
  /** All addresses of the name, as text; rejects as node:dns does. Not before `onReady`. */
  lookUp(hostname: string): Promise<readonly string[]>;
  /** At once, whatever it does. */
  kill(): void;
}

export interface ResolverProcessEvents {
  readonly onReady: () => void;
  /** Once, also when it could not be started; never before `startResolverProcess` has returned. */
  readonly onEnd: (reason: string) => void;
}

export type StartResolverProcess = (events: ResolverProcessEvents) => ResolverProcess;

/** Look-ups that one process has under way at most: libuv gives getaddrinfo half of its threads. */
export const LANES_PER_PROCESS = 64;

/** What a resolver has no business to know, and what would make it another program than ours. */
const NOT_HANDED_ON = /^(NODE_|SEQPULSE_|OTEL_|DATABASE_|PG)/;

const PROGRAM = fileURLToPath(new URL('./resolver-program.mjs', import.meta.url));

/**
 * Starts a process whose getaddrinfo is the one of this process (hosts file, nsswitch, search domains, the resolver's
 * environment). It ends itself when this process ends, whatever way. `execPath`: the Node to start, for tests.
 */
export function startResolverProcess(events: ResolverProcessEvents, execPath = process.execPath): ResolverProcess {
  const underWay = new Map<number, PromiseWithResolvers<readonly string[]>>();
  let lastId = 0;
  let hasEnded = false;

  const end = (reason: string) => {
    if (hasEnded) return;
    hasEnded = true;
    for (const { reject } of underWay.values()) reject(new ResolverLostError(reason));
    underWay.clear();
    events.onEnd(reason);
  };

  let child: ChildProcess;
  try {
    child = fork(PROGRAM, [], {
      execPath,
      execArgv: ['--max-semi-space-size=1', '--max-old-space-size=32'],
      env: environment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  } catch (error) {
    // Some of the system's refusals are thrown, others come as an event.
    setImmediate(() => end(String(error)));
    return { lookUp: async () => await Promise.reject(new ResolverLostError(String(error))), kill() {} };
  }
  // It must not keep a process alive that has nothing else to do.
  child.unref();
  child.channel?.unref();
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
  child.on('message', (message) => {
    if (message === 'ready') return events.onReady();
    const { id, code, addresses } = message as { id: number; code: string | null; addresses: string[] };
    const asked = underWay.get(id);
    underWay.delete(id);
    if (code === null) asked?.resolve(addresses);
    else asked?.reject(lookUpError(code));
  });

  return {
    async lookUp(hostname) {
      if (hasEnded || !child.connected) throw new ResolverLostError('has ended');
      lastId += 1;
      const asked = Promise.withResolvers<readonly string[]>();
      underWay.set(lastId, asked);
      // Its fault is told by `exit` or `error`, too.
      child.send({ id: lastId, hostname, order: getDefaultResultOrder() }, () => {});
      return await asked.promise;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function environment(): Record<string, string> {
  const handedOn = Object.entries(process.env).filter(([name]) => !NOT_HANDED_ON.test(name));
  return { ...Object.fromEntries(handedOn), UV_THREADPOOL_SIZE: String(2 * LANES_PER_PROCESS) } as Record<
    string,
    string
  >;
}
