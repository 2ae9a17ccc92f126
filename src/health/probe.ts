import type { Queryable } from '../db/connection/pool.ts';
import type { SchedulerDepth, SchedulerState } from '../model/job.ts';
import type { ClockWatch } from './clock-watch.ts';
import { watchSchedulerDepth } from './depth-watch.ts';
import { readSchedulerState } from './scheduler-depth.ts';
import { shared, within } from './shared-probe.ts';

export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  readonly checks: {
    readonly db: boolean;
    readonly scheduler_running: boolean;
    readonly accepting_work: boolean;
    /** False while names that hang make others wait, or names have no process to be looked up in. */
    readonly names_resolving: boolean;
    /** False while this machine's clock differs from the database's. */
    readonly clock_right: boolean;
  };
  readonly reasons: readonly string[];
  /** Whether to send requests here. */
  readonly canServe: boolean;
  /** null when the database does not answer. */
  readonly scheduler: SchedulerState | null;
}

export interface NamesState {
  readonly hanging: number;
  readonly saturated: boolean;
  readonly fault: string | null;
}

export interface HealthProbe {
  report(): Promise<HealthReport>;
  databaseAnswers(): Promise<boolean>;
  /** What was last known of the queues, or null when that is too old to be repeated. */
  knownDepth(): SchedulerDepth | null;
  /** From now on /readyz says no: the service stops. */
  startDraining(): void;
  close(): void;
}

/** Milliseconds, so that the contract's 2 s hold also when both of the pool's own timeouts run one after the other. */
const DEADLINE_MS = 1_800;

export interface HealthDeps {
  /** Connections of its own, with timeouts on the client's side: a hung database can't hang the answer. */
  readonly connection: Queryable;
  readonly now: () => number;
  readonly schedulerRunning: () => boolean;
  /** Of the hosts that are read: how many names hang, whether others wait for them, why none has a process of its own. */
  readonly names: () => NamesState;
  readonly clock: Pick<ClockWatch, 'state' | 'reason'>;
  readonly depthIntervalMs: number;
  /** How many times longer than usual the database may take to answer: for tests beside other work. Absent: 1. */
  readonly answerTimeFactor?: number | undefined;
}

/** Overdue jobs from which the service calls itself degraded: the alert's limit (docs/metrics.md). */
const OVERDUE_LIMIT = 10;

/** Probes are shared: while one is under way whoever asks gets its answer, so that a storm of checks is one query. */
export function createHealthProbe(deps: HealthDeps): HealthProbe {
  const deadlineMs = DEADLINE_MS * (deps.answerTimeFactor ?? 1);
  let draining = false;
  const depth = watchSchedulerDepth({ ...deps, intervalMs: deps.depthIntervalMs });
  const database = shared(async () => (await within(deadlineMs, acceptsRequests(deps.connection))) === true);
  const scheduler = shared(async () => {
    const [accepts, state] = await Promise.all([
      within(deadlineMs, acceptsRequests(deps.connection)),
      within(deadlineMs, readSchedulerState(deps.connection, depth, new Date(deps.now()))),
    ]);
    return accepts === true ? state : null;
  });

  return {
    databaseAnswers: database,
    async report() {
      const state = await scheduler();
      const names = deps.names();
      const checks = {
        db: state !== null,
        scheduler_running: deps.schedulerRunning(),
        accepting_work: !draining,
        names_resolving: !names.saturated && names.fault === null,
        clock_right: deps.clock.state() === 'right',
      };
      const clockReason = deps.clock.reason();
      const troubles = [
        ...(checks.db ? [] : ['the database does not answer']),
        ...(checks.scheduler_running ? [] : ['the job workers do not run']),
        ...(clockReason === null ? [] : [clockReason]),
        ...(draining ? ['the service is stopping'] : []),
        ...(names.saturated ? ['names of endpoint hosts that hang make others wait'] : []),
        ...(names.fault === null ? [] : ['names have no process of their own to be looked up in: a few at a time are']),
        ...(state !== null && state.overdue > OVERDUE_LIMIT ? [`${state.overdue} jobs are overdue`] : []),
      ];
      const canServe = checks.db && checks.scheduler_running && checks.accepting_work && deps.clock.state() !== 'wrong';
      return {
        status: troubles.length === 0 ? 'ok' : 'degraded',
        checks,
        reasons: [...troubles, ...hangingNames(names.hanging)],
        canServe,
        scheduler: state,
      };
    },
    knownDepth: depth.known,
    startDraining() {
      draining = true;
    },
    close() {
      depth.close();
    },
  };
}

/** As requests ask: over the same kind of connection, of a table of ours, on a server that takes writes. */
async function acceptsRequests(connection: Queryable): Promise<boolean> {
  const { rows } = await connection.query<{ writable: boolean }>(
    'select not pg_is_in_recovery() as writable from seqpulse.installation',
  );
  return rows[0]?.writable === true;
}

/**
 * Told, but no trouble of this service: one project's dead name must not call everybody's watch degraded. How many, not
 * which: nobody has to authenticate here.
 */
function hangingNames(hanging: number): string[] {
  if (hanging === 0) return [];
  const which = hanging === 1 ? 'the name of 1 endpoint host does' : `the names of ${hanging} endpoint hosts do`;
  return [`${which} not resolve in time`];
}
