import type { Attributes } from './wire/decoded.ts';

/**
 * How an instrument is kept. `code` is what is stored for it: never used again for another one.
 * - duration: a histogram; part 1 are failures
 * - counter: grows; its difference over a minute counts
 * - level: its mean over a minute counts
 */
export interface Instrument {
  readonly code: number;
  readonly name: string;
  readonly keeps: 'duration' | 'counter' | 'level';
  /** Milliseconds in a unit of a duration that does not tell its own. */
  readonly unitMs?: number;
  /** Which part of the whole a point is; null: none that is kept. Absent: all are one. */
  readonly partOf?: (attributes: Attributes) => number | null;
}

/** 5xx, or nothing but an error's type where the connection broke before a status was sent. */
function failurePart(attributes: Attributes): number {
  const status = attributes.get('http.response.status_code') ?? attributes.get('http.status_code');
  if (status === undefined) return attributes.has('error.type') ? 1 : 0;
  return Number(status) >= 500 ? 1 : 0;
}

const only =
  (name: string, value: string) =>
  (attributes: Attributes): number | null =>
    attributes.get(name) === value ? 0 : null;

/** Of system.cpu.utilization: 1 is what nobody used. */
const idlePart = (attributes: Attributes): number | null =>
  (attributes.get('cpu.mode') ?? attributes.get('state') ?? attributes.get('system.cpu.state')) === 'idle' ? 1 : null;

const usedPart = (attributes: Attributes): number | null =>
  (attributes.get('system.memory.state') ?? attributes.get('state')) === 'used' ? 0 : null;

/** Names after OpenTelemetry's semantic conventions, and those of the Collector's receivers. */
export const INSTRUMENTS: readonly Instrument[] = [
  { code: 1, name: 'http.server.request.duration', keeps: 'duration', unitMs: 1_000, partOf: failurePart },
  // Before the conventions were stable.
  { code: 2, name: 'http.server.duration', keeps: 'duration', unitMs: 1, partOf: failurePart },

  { code: 10, name: 'k8s.container.cpu_limit_utilization', keeps: 'level' },
  { code: 11, name: 'k8s.pod.cpu_limit_utilization', keeps: 'level' },
  { code: 13, name: 'process.cpu.utilization', keeps: 'level' },
  { code: 14, name: 'jvm.cpu.recent_utilization', keeps: 'level' },
  { code: 15, name: 'system.cpu.utilization', keeps: 'level', partOf: idlePart },
  { code: 20, name: 'process.cpu.time', keeps: 'counter' },
  { code: 21, name: 'jvm.cpu.time', keeps: 'counter' },
  { code: 22, name: 'container.cpu.time', keeps: 'counter' },
  { code: 23, name: 'k8s.pod.cpu.time', keeps: 'counter' },
  { code: 24, name: 'dotnet.process.cpu.time', keeps: 'counter' },
  { code: 30, name: 'container.cpu.usage', keeps: 'level' },
  { code: 31, name: 'k8s.pod.cpu.usage', keeps: 'level' },
  { code: 40, name: 'jvm.cpu.count', keeps: 'level' },
  { code: 41, name: 'dotnet.process.cpu.count', keeps: 'level' },
  { code: 42, name: 'system.cpu.logical.count', keeps: 'level' },
  { code: 43, name: 'k8s.container.cpu_limit', keeps: 'level' },

  { code: 50, name: 'process.memory.usage', keeps: 'level' },
  { code: 51, name: 'jvm.memory.used', keeps: 'level', partOf: only('jvm.memory.type', 'heap') },
  { code: 52, name: 'container.memory.working_set', keeps: 'level' },
  { code: 53, name: 'k8s.pod.memory.working_set', keeps: 'level' },
  { code: 54, name: 'v8js.memory.heap.used', keeps: 'level' },
  { code: 55, name: 'dotnet.process.memory.working_set', keeps: 'level' },
  { code: 56, name: 'container.memory.usage', keeps: 'level' },
  { code: 60, name: 'jvm.memory.limit', keeps: 'level', partOf: only('jvm.memory.type', 'heap') },
  { code: 61, name: 'k8s.container.memory_limit', keeps: 'level' },
  { code: 63, name: 'v8js.memory.heap.limit', keeps: 'level' },
  { code: 64, name: 'system.memory.limit', keeps: 'level' },
  { code: 70, name: 'k8s.container.memory_limit_utilization', keeps: 'level' },
  { code: 71, name: 'k8s.pod.memory_limit_utilization', keeps: 'level' },
  { code: 72, name: 'system.memory.utilization', keeps: 'level', partOf: usedPart },
];

const BY_NAME: ReadonlyMap<string, Instrument> = new Map(INSTRUMENTS.map((one) => [one.name, one]));

export function instrumentOf(name: string): Instrument | undefined {
  return BY_NAME.get(name);
}

/** The first that anything was told of counts. */
export const DURATIONS: readonly number[] = [1, 2];

/**
 * Ways to a share of what there is, the best first. `mean`: a level of each sender that is a share already, summed over its
 * parts; `idle`: what is left of 1; `of`: one over the other, over all senders. `used` of a counter: per second.
 */
export type ShareWay =
  | { readonly mean: number }
  | { readonly idle: number }
  | { readonly used: number; readonly of: number };

export const CPU_SHARES: readonly ShareWay[] = [
  { mean: 10 },
  { mean: 11 },
  { mean: 13 },
  { mean: 14 },
  { used: 21, of: 40 },
  { used: 24, of: 41 },
  { used: 30, of: 43 },
  { used: 20, of: 42 },
  { idle: 15 },
];

/** Cores in use: counters per second, then levels. */
export const CPU_CORES: readonly number[] = [20, 21, 24, 22, 23, 30, 31];

export const MEMORY_SHARES: readonly ShareWay[] = [
  { mean: 70 },
  { mean: 71 },
  { used: 51, of: 60 },
  { used: 52, of: 61 },
  { used: 50, of: 61 },
  { used: 56, of: 61 },
  { used: 54, of: 63 },
  { mean: 72 },
  { used: 50, of: 64 },
];

export function nameOf(code: number): string {
  return INSTRUMENTS.find((one) => one.code === code)?.name ?? String(code);
}
