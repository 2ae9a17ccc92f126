import { hourOf } from '../db/baselines/slots.ts';
import { createOutageNews } from '../log/outage-news.ts';
import type { BaselineSample } from '../model/sample.ts';
import type { SweepDeps } from './deps.ts';

/** Readings of one second are one statement: a hundred times less work for the database than one each. */
const FLUSH_MS = 1_000;
/** While the database hangs: about a minute of a full ring, and then the oldest go. */
const MAX_WAITING = 10_000;

export interface SampleWriter {
  add(sample: BaselineSample): void;
  /** Writes what waits; resolves when it is written or given up. */
  flush(): Promise<void>;
}

/**
 * Stores readings together. What can't be written is lost and not tried again: the statement may have come through all
 * the same, the next reading is a minute away, and a verdict waits for none of them.
 */
export function createSampleWriter(deps: Pick<SweepDeps, 'db' | 'telemetry' | 'log' | 'timers'>): SampleWriter {
  const news = createOutageNews(deps.log, { failed: 'baseline_store_failed', recovered: 'baseline_store_recovered' });
  const openHours = new Set<number>();
  let waiting: BaselineSample[] = [];
  let timer: unknown = null;
  let writing: Promise<void> = Promise.resolve();

  async function openHour(hour: number): Promise<void> {
    if (openHours.has(hour)) return;
    await deps.db.transaction(async (tx) => await tx.baselineSamples.openHour(hour));
    // A late reading may still belong to the hour before.
    if (openHours.size >= 3) openHours.clear();
    openHours.add(hour);
  }

  async function write(): Promise<void> {
    const samples = waiting;
    waiting = [];
    if (samples.length === 0) return;
    try {
      for (const hour of new Set(samples.map((sample) => hourOf(sample.collectedAtMs)))) await openHour(hour);
      deps.telemetry.baselineSamplesStored(await deps.db.baselineSamples.store(samples));
      news.worked();
    } catch (error) {
      news.failed(error, 'readings for baselines can not be stored; they are lost');
    }
  }

  const flush = (): Promise<void> => {
    if (timer !== null) deps.timers.clearTimeout(timer);
    timer = null;
    // One after the other: a hung database must not be asked by a second connection every second.
    writing = writing.then(write);
    return writing;
  };

  return {
    add(sample) {
      if (waiting.length >= MAX_WAITING) waiting.splice(0, MAX_WAITING / 10);
      waiting.push(sample);
      timer ??= deps.timers.setTimeout(() => void flush(), FLUSH_MS);
    },
    flush,
  };
}
