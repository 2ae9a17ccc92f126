import { HEALTHY, type ObservedApp, startObservedApp } from '../../harness/observed-app.ts';
import { abandon } from '../../src/lifecycle/abandon.ts';
import { runUntil, START_TIME, TestClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { startTestService, type TestService } from './service.ts';

/** What most integration tests need: a fresh database, one observed application, the real service in front of both. */
export interface Stage extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly app: ObservedApp;
  readonly running: TestService;
  readonly api: TestService['api'];
}

export interface ClockedStage extends Stage {
  readonly clock: TestClock;
  /** Runs everything that becomes due in the next `seconds` of the hand-set clock. */
  pass(seconds: number): Promise<void>;
  /** One step of the hand-set clock: every poll and schedule that falls due in it runs. */
  tick(seconds: number): Promise<void>;
  /** As `tick`, for minutes: what runs often runs once in five seconds, as in a process that slept in between. */
  leap(seconds: number): Promise<void>;
  /** Between tests: no project, no waiting job, a healthy application, so that no test acts in the next one. */
  reset(): Promise<void>;
  /** What the minutely sweep does, at once. */
  sweep(): Promise<void>;
}

/** The baseline sweep makes up for five seconds (src/baseline/due-turns.ts). */
const LEAP_MS = 5_000;
const LEAP_TICK_MS = 1_000;

/** A stage in real time: for routes, where nothing has to become due. */
export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  return await open(env, undefined);
}

/** A stage whose time the test moves: for whatever happens seconds, minutes or hours later. */
export async function openClockedStage(
  env: Readonly<Record<string, string>> = {},
  startMs: number = START_TIME,
): Promise<ClockedStage> {
  const clock = new TestClock(startMs);
  const stage = await open(env, clock);
  return Object.assign(stage, {
    clock,
    tick: async (seconds: number) => {
      await clock.tick(seconds * 1000);
      await stage.running.service.workers.idle();
    },
    leap: async (seconds: number) => {
      const untilMs = clock.now() + seconds * 1000;
      while (clock.now() < untilMs) {
        await clock.setTime(Math.min(untilMs, clock.now() + LEAP_MS) - LEAP_TICK_MS);
        await clock.tick(LEAP_TICK_MS);
        await stage.running.service.workers.idle();
      }
    },
    reset: async () => {
      stage.app.behaviour = null;
      stage.app.metrics = HEALTHY;
      await stage.database.query('delete from seqpulse.projects');
      await stage.database.query(
        `delete from pgboss.job where state in ('created', 'retry') and name in ('pre_collect', 'post_collect', 'analysis')`,
      );
    },
    sweep: async () => {
      await abandon(stage.running.service.lifecycle);
    },
    pass: async (seconds: number) =>
      await runUntil(clock, stage.running, stage.database, clock.now() + Math.round(seconds * 1000)),
  });
}

async function open(env: Readonly<Record<string, string>>, clock: TestClock | undefined): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const running = opened.use(
    await startTestService({ databaseUrl: database.url, env, ...(clock === undefined ? {} : { clock }) }),
  );
  // Closed first: readings that it still holds would keep the service from stopping until their deadline.
  const app = opened.use(await startObservedApp());
  const closing = opened.move();
  return {
    database,
    app,
    running,
    api: running.api,
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}
