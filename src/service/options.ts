import type { Logger } from 'pino';
import type { BaselineSweep } from '../baseline/sweep.ts';
import type { Config } from '../config/parse-config.ts';
import type { Secrets } from '../data-folder/secrets.ts';
import type { SessionSettings } from '../db/connection/session-settings.ts';
import type { ClockWatch } from '../health/clock-watch.ts';
import type { Scrape } from '../http/deps.ts';
import type { Clock } from '../jobs/clock.ts';
import type { WorkerSizing } from '../jobs/queues.ts';
import type { Workers } from '../jobs/scheduler.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import type { JobType, SchedulerDepth } from '../model/job.ts';
import type { Instruments } from '../model/telemetry.ts';
import type { Sender } from '../notify/sender.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly secrets: Pick<Secrets, 'adminToken' | 'secretKey'> &
    Partial<Pick<Secrets, 'previousAdminToken' | 'previousSecretKey'>>;
  readonly connectionString: string;
  readonly telemetry: ServiceTelemetry;
  readonly log: Logger;
  /** A test's hand-set clock; `sessionSettings` then make pg-boss' SQL follow it. Absent: the real one. */
  readonly clock?: Clock;
  /** This machine's clock, epoch milliseconds, for tests of a wrong one. Absent: the system's. */
  readonly wallClock?: () => number;
  readonly sessionSettings?: SessionSettings;
  /** How many times longer than usual the database may take to answer: for tests beside other work. Absent: 1. */
  readonly answerTimeFactor?: number;
  readonly sizing?: Readonly<Record<JobType, WorkerSizing>>;
}

/** What the service needs of otel/. */
export interface ServiceTelemetry {
  readonly instruments: Instruments;
  readonly tracing: boolean;
  readonly noteRoute: ((template: string) => void) | null;
  scrape(): Promise<Scrape>;
  setSchedulerDepthSource(source: () => SchedulerDepth | null): void;
  /** Seconds that the database's clock is ahead of our own, or null while unknown. */
  setClockOffsetSource(source: () => number | null): void;
}

export interface Service {
  readonly url: string;
  readonly lifecycle: LifecycleDeps;
  readonly workers: Workers;
  readonly sweep: BaselineSweep;
  readonly sender: Sender;
  /** What is known of this machine's clock. */
  readonly time: ClockWatch;
  /** Finishes what runs, gives the rest back, closes in reverse order of opening. */
  close(): Promise<void>;
}
