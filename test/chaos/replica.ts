import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';

/** A replica and whoever looks after it: a process that ends is started again, as a platform does. */
export interface Replica {
  readonly name: string;
  readonly url: string;
  /** null while none is up. */
  readonly current: ServiceProcess | null;
  /** All that were up, in order. */
  readonly processes: readonly ServiceProcess[];
  readonly paused: boolean;
  /** Starts that did not come up: expected while the database is away. */
  readonly failedStarts: readonly string[];
  /** Ends that nobody asked for. */
  readonly ownEnds: readonly string[];
  kill(): void;
  pause(): void;
  resume(): void;
  /** SIGTERM, and up again with `env` over its own. Resolves when it is up, or not up after 30 s. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when one is up, or after 30 s. */
  up(): Promise<void>;
  /** SIGTERM, for good. Resolves with its exit code and seconds; null: it was not up, or did not end in 20 s. */
  stop(): Promise<{ readonly code: number | null; readonly seconds: number } | null>;
}

const AGAIN_MS = 500;
const UP_MS = 30_000;
const END_MS = 20_000;

export function startReplica(name: string, port: number, own: Readonly<Record<string, string>>): Replica {
  const processes: ServiceProcess[] = [];
  const failedStarts: string[] = [];
  const ownEnds: string[] = [];
  let current: ServiceProcess | null = null;
  let more: Readonly<Record<string, string>> = {};
  let asked = false;
  let paused = false;
  let stopping = false;

  async function lookAfter(): Promise<void> {
    while (!stopping) {
      try {
        current = await startServiceProcess({ ...own, PORT: String(port), ...more });
        processes.push(current);
        const { code, stderr } = await current.exited;
        if (!asked) ownEnds.push(`${name} ended by itself with ${code}: ${stderr.slice(-500)}`);
      } catch (error) {
        failedStarts.push(error instanceof Error ? error.message : String(error));
      }
      current = null;
      asked = false;
      paused = false;
      await sleep(AGAIN_MS);
    }
  }
  void lookAfter();

  async function upAfter(before: ServiceProcess | null): Promise<void> {
    const untilMs = performance.now() + UP_MS;
    while ((current === null || current === before) && performance.now() < untilMs) await sleep(50);
  }

  return {
    name,
    url: `http://127.0.0.1:${port}`,
    get current() {
      return current;
    },
    get paused() {
      return paused;
    },
    processes,
    failedStarts,
    ownEnds,
    kill() {
      asked = true;
      current?.kill('SIGKILL');
    },
    pause() {
      paused = current !== null;
      current?.kill('SIGSTOP');
    },
    resume() {
      paused = false;
      current?.kill('SIGCONT');
    },
    async restart(env = {}) {
      more = env;
      const before = current;
      asked = before !== null;
      before?.kill('SIGTERM');
      await upAfter(before);
    },
    up: async () => await upAfter(null),
    async stop() {
      stopping = true;
      const last = current;
      if (last === null) return null;
      asked = true;
      const startedAt = performance.now();
      last.kill('SIGTERM');
      const ended = await Promise.race([last.exited, sleep(END_MS, null, { ref: false })]);
      return ended === null ? null : { code: ended.code, seconds: (performance.now() - startedAt) / 1000 };
    },
  };
}
