import type { Quantity } from './types.ts';

export const HINT_NAMES: Record<Quantity, string> = {
  error_rate: 'errors',
  latency_p95: 'p95 latency',
  requests_per_sec: 'traffic',
  cpu_usage: 'CPU',
  memory_usage: 'memory',
  latency_mean: 'mean latency',
  cpu_cores: 'CPU',
};

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** "10:04 UTC" of epoch milliseconds; with seconds where the moment is not a full minute. */
export function timeOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const clock = `${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? `${clock} UTC` : `${clock}:${two(seconds % 60)} UTC`;
}

/** "2 minutes", "45 s". */
export function waitOf(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
