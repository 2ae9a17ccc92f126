import type { Sample, SampleNumbers } from '../../../src/verdict/types.ts';

/** `open` may be looked at while the rule and its constants are made; `kept` only grades them. */
export type Part = 'open' | 'kept';
/** Of a day or scenario: all of it is open, or every second fault is kept. */
export type Parts = 'open' | 'both';

export const partOf = (parts: Parts, at: number): Part => (parts === 'both' && at % 2 === 1 ? 'kept' : 'open');

/** One fault of a system of services, seen from each of them over the same minutes. */
export interface Incident {
  readonly system: 'OnlineBoutique' | 'TrainTicket' | 'PetShop';
  readonly part: Part;
  readonly name: string;
  /** The service that the fault was put on; the others only suffer. */
  readonly guilty: string;
  readonly services: ReadonlyMap<string, Windows>;
}

export interface Windows {
  readonly pre: readonly Sample[];
  readonly post: readonly Sample[];
}

const NOTHING: SampleNumbers = {
  requests_per_sec: null,
  latency_p95: null,
  error_rate: null,
  cpu_usage: null,
  memory_usage: null,
};

export function sampleOf(numbers: Partial<SampleNumbers>, atMs: number): Sample {
  return { ...NOTHING, ...numbers, collectedAtMs: atMs, lateSeconds: 0 };
}

/** A cell of a table; null where it holds no number. */
export function numberIn(cell: string | undefined): number | null {
  if (cell === undefined || cell.trim() === '') return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}
