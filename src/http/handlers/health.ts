import type { SchedulerState } from '../../model/job.ts';
import type { HttpDeps } from '../deps.ts';
import type { Reply } from '../request.ts';

const UNCACHED = { 'Cache-Control': 'no-store' } as const;

export async function health(deps: HttpDeps): Promise<Reply> {
  const { status, checks, reasons, scheduler } = await deps.health.report();
  const timestamp = new Date(deps.lifecycle.now()).toISOString();
  return {
    status: 200,
    headers: UNCACHED,
    body: { status, timestamp, checks, reasons, scheduler: showScheduler(scheduler) },
  };
}

export async function schedulerHealth(deps: HttpDeps): Promise<Reply> {
  const { scheduler, checks } = await deps.health.report();
  return {
    status: 200,
    headers: UNCACHED,
    body: { scheduler_running: checks.scheduler_running, ...showScheduler(scheduler) },
  };
}

export async function databaseCheck(deps: HttpDeps): Promise<Reply> {
  const ok = await deps.health.databaseAnswers();
  return { status: ok ? 200 : 503, headers: UNCACHED, body: { db_ok: ok } };
}

/** The process answers: nothing else is asked, or a database outage would restart every replica. */
export async function live(): Promise<Reply> {
  return { status: 200, headers: UNCACHED, body: { status: 'ok' } };
}

export async function ready(deps: HttpDeps): Promise<Reply> {
  const { checks, reasons, canServe } = await deps.health.report();
  return {
    status: canServe ? 200 : 503,
    headers: UNCACHED,
    body: { status: canServe ? 'ready' : 'not_ready', checks, reasons },
  };
}

/** What is not known is null, never a zero that looks like good news. */
function showScheduler(state: SchedulerState | null): object {
  return {
    pending: state?.pending ?? null,
    overdue: state?.overdue ?? null,
    running: state?.running ?? null,
    failed_1h: state?.failedLastHour ?? null,
  };
}
