import type { MetricName } from '../../../src/verdict/types.ts';

/** `open` may be looked at while rules and constants are made; `kept` only grades them. */
export type Part = 'open' | 'kept';
export type Reading = Readonly<Partial<Record<MetricName, number>>>;

/** What one machine or service did by itself, in the order of time; each reading stands for one minute. */
export interface Series {
  readonly family: 'azure-vm' | 'azure-llm' | 'nab';
  readonly part: Part;
  readonly readings: readonly Reading[];
  /** Indices of readings that the source marks as out of the ordinary; no pair touches them. */
  readonly marked?: ReadonlySet<number>;
}
