import type { Logger } from 'pino';
import type { DueEnvironment } from '../model/sample.ts';
import type { SourceReading } from '../sources/source.ts';

/** More failing environments than an installation has: then the oldest news are told again rather than kept for ever. */
const MAX_REMEMBERED = 50_000;

/**
 * Tells when the readings of an environment begin to fail, fail differently, and come again: not each that fails.
 * Returns the reason where it is news that they fail.
 */
export function createFailureNews(log: Logger) {
  const failing = new Map<number, string>();
  return (series: number, { source, env }: DueEnvironment, reading: SourceReading): string | null => {
    const before = failing.get(series);
    const fields = { project_id: source.projectId, env };
    if (reading.outcome === 'ok') {
      if (before === undefined) return null;
      failing.delete(series);
      log.info({ event: 'baseline_read_recovered', ...fields }, 'the environment can be read again for its baseline');
      return null;
    }
    if (before === reading.outcome) return null;
    if (failing.size >= MAX_REMEMBERED) failing.clear();
    failing.set(series, reading.outcome);
    log.warn(
      { event: 'baseline_read_failed', ...fields, outcome: reading.outcome, reason: reading.reason },
      'the environment can not be read for its baseline',
    );
    return reading.reason;
  };
}
