import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { catalog } from '../catalog/catalog.ts';
import type { Reading } from './readings.ts';

/**
 * The `process_*` family under the names that Prometheus' own clients use. @opentelemetry/host-metrics has others
 * (`process.memory.usage`, `process.cpu.time` by state), and existing dashboards rely on these.
 */
export function createProcessReadings(): Reading[] {
  const startUnixSeconds = performance.timeOrigin / 1000;
  const maxFds = readMaxFds();
  return [
    { metric: catalog.processCpu, read: readCpuSeconds },
    { metric: catalog.processResidentMemory, read: () => process.memoryUsage.rss() },
    { metric: catalog.processStartTime, read: () => startUnixSeconds },
    { metric: catalog.processOpenFds, read: readOpenFds },
    { metric: catalog.processMaxFds, read: () => maxFds },
  ];
}

function readCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function readOpenFds(): number | null {
  try {
    // One of them is the descriptor of this very listing.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return null;
  }
}

/** The soft limit; it does not change under a running Node process, so it is read once. */
function readMaxFds(): number | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
