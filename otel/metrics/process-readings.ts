import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { catalog } from '../catalog/catalog.ts';
import type { Reading } from './observe.ts';

/**
 * The `process_*` family and the runtime's version under the names that Prometheus' own clients use.
 * @opentelemetry/host-metrics has others (`process.memory.usage`, `process.cpu.time` by state), and existing dashboards
 * rely on these.
 */
export function createProcessReadings(): Reading[] {
  const startUnixSeconds = performance.timeOrigin / 1000;
  const maxFds = readMaxFds();
  return [
    { metric: catalog.processCpu, read: readCpuSeconds },
    { metric: catalog.processResidentMemory, read: () => process.memoryUsage.rss() },
    { metric: catalog.processVirtualMemory, read: readVirtualMemory },
    { metric: catalog.processStartTime, read: () => startUnixSeconds },
    { metric: catalog.processOpenFds, read: readOpenFds },
    { metric: catalog.processMaxFds, read: () => maxFds },
    { metric: catalog.nodejsVersion, attributes: versionAttributes(process.version), read: () => 1 },
  ];
}

/** @param version `v24.21.0` */
function versionAttributes(version: string): Record<string, string> {
  const [major = '', minor = '', patch = ''] = version.slice(1).split('.');
  return {
    'seqpulse.nodejs.version': version,
    'seqpulse.nodejs.major': major,
    'seqpulse.nodejs.minor': minor,
    'seqpulse.nodejs.patch': patch,
  };
}

function readCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function readVirtualMemory(): number | null {
  const kibibytes = readProc('/proc/self/status', /^VmSize:\s+(\d+) kB$/m);
  return kibibytes === null ? null : kibibytes * 1024;
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
  return readProc('/proc/self/limits', /^Max open files\s+(\d+)/m);
}

/** The number that `pattern` catches; null where there is no such file, as on macOS. */
function readProc(path: string, pattern: RegExp): number | null {
  try {
    const found = pattern.exec(readFileSync(path, 'utf8'))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}
