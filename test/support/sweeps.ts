import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { type BaselineSweep, startBaselineSweep } from '../../src/baseline/sweep.ts';
import { createSecretBox } from '../../src/data-folder/secret-box.ts';
import { openPool } from '../../src/db/connection/pool.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { isDistributed } from '../../src/db/shards/shards.ts';
import { createAddressPolicy, parseTargetAllow } from '../../src/sources/network/address-policy.ts';
import { createOtlpReader } from '../../src/sources/otlp/reader.ts';
import { createPrometheusClient } from '../../src/sources/prometheus/client.ts';
import { createTargetClient } from '../../src/sources/pull/client.ts';
import { createSourceReader } from '../../src/sources/read-source.ts';
import { START_TIME, TestClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestSweep {
  readonly sweep: BaselineSweep;
  readonly clock: TestClock;
  /** Parsed log lines, oldest first. */
  readonly logged: Record<string, unknown>[];
  /** Steps the time of day by so much; timers go by the time that passes. */
  stepClock(ms: number): void;
  /** Samples that it says it stored. */
  stored(): number;
}

/** Sweeps as several replicas run them, on one database, with clocks that the test moves. */
export interface SweepStage extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly db: Database;
  start(clock?: TestClock): TestSweep;
  /** An environment `prod` of a project of its own. */
  environment(url: string | null, more?: { baseline?: string; phaseMs?: number }): Promise<string>;
  /** Moves the clocks on, second by second; every turn that comes has been taken then. */
  pass(seconds: number, ...sweeps: readonly TestSweep[]): Promise<void>;
}

export async function openSweepStage(): Promise<SweepStage> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const pool = openPool({
    connectionString: database.url,
    max: 4,
    applicationName: 'test sweeps',
    connectionTimeoutMs: 5_000,
    queryTimeoutMs: 5_000,
    onIdleError: () => {},
  });
  opened.defer(async () => await pool.end());
  const allow = parseTargetAllow('127.0.0.0/8');
  if (!allow.ok) throw new Error('unreachable');
  const db = openDatabase(pool, { distributed: await isDistributed(pool) });
  const secretBox = createSecretBox(randomBytes(32));
  const closing = opened.move();
  return {
    database,
    db,
    start(clock = new TestClock(START_TIME)) {
      const logged: Record<string, unknown>[] = [];
      let stored = 0;
      let steppedMs = 0;
      const policy = createAddressPolicy(allow.allow);
      const prometheus = createPrometheusClient({ allow: policy });
      const target = createTargetClient({
        allow: policy,
        now: () => clock.now() + steppedMs,
        nonce: randomUUID,
      });
      const otlp = createOtlpReader({ points: db.otlpPoints, now: () => clock.now() + steppedMs });
      const sweep = startBaselineSweep({
        db,
        sources: createSourceReader({ target, prometheus, otlp, secretBox }),
        telemetry: {
          baselineSamplesStored: (count) => {
            stored += count;
          },
        },
        log: pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) }),
        now: () => clock.now() + steppedMs,
        timers: clock,
      });
      closing.defer(async () => await sweep.stop());
      return {
        sweep,
        clock,
        logged,
        stored: () => stored,
        stepClock: (ms) => {
          steppedMs += ms;
        },
      };
    },
    async environment(url, more = {}) {
      const id = randomUUID();
      await database.query(
        `insert into seqpulse.projects (id, name, observation_window_minutes, finish_deadline_minutes, baseline, created_at)
         values ($1::uuid, $1::uuid::text, 5, 120, $2, now())`,
        [id, more.baseline ?? 'continuous'],
      );
      await database.query(`insert into seqpulse.environments (project_id, name) values ($1, 'prod')`, [id]);
      if (more.phaseMs !== undefined) {
        await database.query('update seqpulse.environments set read_phase_ms = $2 where project_id = $1', [
          id,
          more.phaseMs,
        ]);
      }
      if (url !== null) {
        await database.query(`insert into seqpulse.endpoints (project_id, active_url) values ($1, $2)`, [id, url]);
      }
      return id;
    },
    async pass(seconds, ...sweeps) {
      for (let second = 0; second < seconds; second += 1) {
        for (const clock of new Set(sweeps.map((one) => one.clock))) await clock.tick(1_000);
        await Promise.all(sweeps.map(async ({ sweep }) => await sweep.idle()));
      }
    },
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}
