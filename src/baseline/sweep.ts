import { createOutageNews } from '../log/outage-news.ts';
import type { DueEnvironment } from '../model/sample.ts';
import type { SweepDeps } from './deps.ts';
import { dueTurns, type Turn } from './due-turns.ts';
import { createFailureNews } from './failure-news.ts';
import { createOutageWatch } from './outage-watch.ts';
import { createSampleWriter } from './sample-writer.ts';

/**
 * Reads at the same time. 10,000 environments are 167 a second; were every one of them to hang, 835 would be waiting.
 * Beyond it a read is left out, not queued: a queue would make the others late.
 */
const MAX_READING = 1_000;

/**
 * Reads each environment once a minute between deployments, at its own moment of the minute.
 *
 * Not jobs of the queue: a sample that is missed is worth nothing later, so there is nothing to retry, to settle or to
 * count as failed, and 14 million jobs a day would cost ten times the readings.
 */
export interface BaselineSweep {
  /** Resolves when no turn is being taken. Tests with a hand-set clock need it: ticking does not wait for the database. */
  idle(): Promise<void>;
  /** Stops at once: readings that run are broken off, what was read is stored. */
  stop(): Promise<void>;
}

export function startBaselineSweep(deps: SweepDeps): BaselineSweep {
  const { now, timers } = deps;
  const shutdown = new AbortController();
  const writer = createSampleWriter(deps);
  const failures = createFailureNews(deps.log);
  const watchOutages = createOutageWatch(deps);
  const news = createOutageNews(deps.log, { failed: 'baseline_sweep_failed', recovered: 'baseline_sweep_recovered' });
  const startTimers = new Set<unknown>();
  const reading = new Set<Promise<void>>();
  let lastSecond: number | null = null;
  let tick: unknown = null;
  let ticking: Promise<void> = Promise.resolve();
  let isFull = false;

  function scheduleTick(): void {
    if (shutdown.signal.aborted) return;
    tick = timers.setTimeout(
      () => {
        ticking = takeTurns().finally(scheduleTick);
      },
      1000 - (now() % 1000),
    );
  }

  async function takeTurns(): Promise<void> {
    const { turns, upTo } = dueTurns(lastSecond, now());
    lastSecond = upTo;
    try {
      for (const turn of turns) {
        if (shutdown.signal.aborted) return;
        await takeTurn(turn);
      }
      news.worked();
    } catch (error) {
      news.failed(error, 'environments can not be read for their baselines: the database does not say which');
    }
  }

  async function takeTurn(turn: Turn): Promise<void> {
    const due = await deps.db.baselineTurns.take(turn.minute, turn.second);
    if (due.length === 0) return;
    const series = await seriesOf(due);
    due.forEach((environment, index) => {
      const id = series[index];
      if (id != null) startAt(turn.startMs + (environment.phaseMs % 1000), environment, id);
    });
  }

  async function seriesOf(due: readonly DueEnvironment[]): Promise<(number | null)[]> {
    const unknown = due.filter((environment) => environment.series === null);
    if (unknown.length === 0) return due.map((environment) => environment.series);
    const opened = await deps.db.baselineTurns.openSeries(unknown.map(placeOf), new Date(now()));
    const byEnvironment = new Map(unknown.map((environment, index) => [environment, opened[index] ?? null]));
    return due.map((environment) => environment.series ?? byEnvironment.get(environment) ?? null);
  }

  function startAt(dueMs: number, environment: DueEnvironment, series: number): void {
    if (shutdown.signal.aborted) return;
    const timer = timers.setTimeout(
      () => {
        startTimers.delete(timer);
        start(environment, series);
      },
      Math.max(0, dueMs - now()),
    );
    startTimers.add(timer);
  }

  function start(environment: DueEnvironment, series: number): void {
    if (reading.size >= MAX_READING) {
      if (!isFull) {
        deps.log.warn(
          { event: 'baseline_sweep_full', reading: reading.size },
          'too many readings hang: some are left out',
        );
      }
      isFull = true;
      return;
    }
    isFull = false;
    const one = read(environment, series).catch((error: unknown) => {
      if (shutdown.signal.aborted) return;
      deps.log.error(
        { event: 'baseline_read_error', err: error, project_id: environment.source.projectId },
        'reading for a baseline failed inside SeqPulse',
      );
    });
    reading.add(one);
    void one.finally(() => reading.delete(one));
  }

  async function read(environment: DueEnvironment, series: number): Promise<void> {
    const atMs = readableMs(environment.source, now());
    const startedMs = performance.now();
    const reading = await deps.sources.readMinute(environment.source, atMs, { signal: shutdown.signal });
    // What is missing comes with somebody's next export: nothing has failed.
    if (reading.outcome !== 'ok' && now() < (reading.comesUntilMs ?? 0)) return;
    const failure = failures(series, environment, reading);
    if (reading.outcome === 'ok') {
      writer.add({
        series,
        collectedAtMs: isOfNow(environment.source) ? now() : atMs,
        numbers: reading.reading.numbers,
        ...(isOfNow(environment.source) ? { readMs: performance.now() - startedMs } : {}),
      });
    }
    if (failure !== null) {
      const { source, env } = environment;
      await deps.db.environmentReads.recordError(source.projectId, env, failure, new Date(now()));
    }
    await watchOutages(series, environment, reading);
  }

  scheduleTick();
  return {
    async idle() {
      await ticking;
    },
    async stop() {
      shutdown.abort(new Error('the service stops'));
      if (tick !== null) timers.clearTimeout(tick);
      for (const timer of startTimers) timers.clearTimeout(timer);
      await Promise.allSettled([...reading]);
      await Promise.allSettled([ticking, writer.flush()]);
    },
  };
}

function placeOf({ source, env, url }: DueEnvironment) {
  return { projectId: source.projectId, env, url };
}

/** Milliseconds after a minute's end at which all of it has been pushed, also by those that push once a minute. */
const PUSHED_MS = 90_000;

function isOfNow({ kind }: DueEnvironment['source']): boolean {
  return kind === 'pull';
}

/** The end of the minute that can be read whole now, epoch milliseconds. */
function readableMs(source: DueEnvironment['source'], nowMs: number): number {
  return isOfNow(source) ? nowMs : nowMs - PUSHED_MS;
}
