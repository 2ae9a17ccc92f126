import { randomBytes } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { type Api, createApi } from '../../harness/api.ts';
import { ADMIN_TOKEN } from '../../harness/service-process.ts';
import { PATIENCE } from '../../harness/until.ts';
import { startTelemetry, type Telemetry } from '../../otel/start.ts';
import { type Config, parseConfig } from '../../src/config/parse-config.ts';
import type { Clock } from '../../src/jobs/clock.ts';
import type { WorkerSizing } from '../../src/jobs/queues.ts';
import type { JobType } from '../../src/model/job.ts';
import type { Service } from '../../src/service/options.ts';
import { startService } from '../../src/service/start.ts';

export { ADMIN_TOKEN };

export interface TestService extends AsyncDisposable {
  readonly service: Service;
  readonly api: Api;
  readonly telemetry: Telemetry;
  /** Parsed log lines, oldest first. */
  readonly logged: Record<string, unknown>[];
}

export interface TestServiceOptions {
  readonly databaseUrl: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** This machine's clock, for tests of a wrong one. */
  readonly wallClock?: () => number;
  /** 1 for tests of what happens when the database does not answer in time. */
  readonly answerTimeFactor?: number;
  readonly secretKey?: Buffer;
  readonly previousSecretKey?: Buffer;
  /** ADMIN_TOKEN unless set; `api` sends it. */
  readonly adminToken?: string;
  readonly previousAdminToken?: string;
  readonly sizing?: Readonly<Record<JobType, WorkerSizing>>;
  /** Where the parsed log lines go; for starts that fail, which return nothing. */
  readonly logged?: Record<string, unknown>[];
}

/** The slots of a small installation. */
const SMALL: Record<JobType, WorkerSizing> = {
  pre_collect: { slots: 8, batchSize: 8, perProject: 8 },
  post_collect: { slots: 8, batchSize: 8, perProject: 8 },
  analysis: { slots: 2, batchSize: 2, perProject: 2 },
};

/** The real service in this process: real HTTP, real PostgreSQL, its own telemetry. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
  const logged = options.logged ?? [];
  const log: Logger = pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const telemetry = await startTelemetry({}, { serviceVersion: '0.0.0-test', global: false });
  const service = await startService({
    config: testConfig(options.env),
    secrets: {
      adminToken: options.adminToken ?? ADMIN_TOKEN,
      secretKey: options.secretKey ?? randomBytes(32),
      previousSecretKey: options.previousSecretKey ?? null,
      previousAdminToken: options.previousAdminToken ?? null,
    },
    connectionString: options.databaseUrl,
    telemetry,
    log,
    sizing: options.sizing ?? SMALL,
    answerTimeFactor: options.answerTimeFactor ?? PATIENCE,
    ...(options.wallClock === undefined ? {} : { wallClock: options.wallClock }),
    ...(options.clock === undefined ? {} : { clock: options.clock, sessionSettings: { 'pgboss.test_clock': 'on' } }),
  });
  return {
    service,
    telemetry,
    logged,
    api: createApi(service.url, options.adminToken ?? ADMIN_TOKEN),
    async [Symbol.asyncDispose]() {
      await service.close();
      await telemetry.shutdown();
    },
  };
}

export function testConfig(env: Readonly<Record<string, string>> = {}): Config {
  const parsed = parseConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    SEQPULSE_TARGET_ALLOW: '127.0.0.0/8',
    SEQPULSE_RATE_LIMIT_PER_MINUTE: '0',
    ...env,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}
