import { hash } from 'node:crypto';
import type { CustomInstrument, InstrumentPoints, OtlpSettings } from '../../model/source.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';
import type { Metric, Point } from './wire/decoded.ts';

/** Instruments that metrics of a team's own name, each with the attributes that are asked for and therefore kept. */
export type CustomInstruments = ReadonlyMap<string, ReadonlySet<string>>;

export const NO_INSTRUMENTS: CustomInstruments = new Map();

/** Characters of a value that are kept: two that differ behind them are one. */
const MAX_VALUE = 255;
/** Codes of the instruments that everybody sends are small; those of a name are 31 bits of it above them. */
const FIRST_CODE = 0x8000_0000;

/** What is stored for an instrument that nobody but its team knows: the same for a name, whoever takes it in. */
export function customCode(name: string): number {
  return FIRST_CODE + (hash('sha256', name, 'buffer').readUInt32BE(0) & 0x7fff_ffff);
}

/** What the metrics of a source are made of: each with what it is a share of. */
export function pointsOf({ instrument, attributes, of }: CustomInstrument): readonly InstrumentPoints[] {
  return of === null ? [{ instrument, attributes }] : [{ instrument, attributes }, of];
}

/** All that sources of a project name together, tested or not. */
export function instrumentsOf(settings: readonly OtlpSettings[]): CustomInstruments {
  const named = new Map<string, Set<string>>();
  for (const points of settings.flatMap(({ custom = [] }) => custom.flatMap(pointsOf))) {
    const attributes = named.get(points.instrument) ?? new Set();
    named.set(points.instrument, attributes);
    for (const name of Object.keys(points.attributes)) attributes.add(name);
  }
  return named;
}

/** null: it says neither. What may fall is a level: its last value says where it stands. */
export function customTemporality({ kind, temporality, isMonotonic }: Metric): KeptPoint['temporality'] | null {
  if (kind === 'gauge' || (kind === 'sum' && temporality === 'cumulative' && !isMonotonic)) return 'level';
  return temporality === 'unspecified' ? null : temporality;
}

/** In the instrument's own unit. */
export function customValue({ value }: Point): number | Distribution {
  if (value.kind === 'number') return value.value;
  const { count, sum } = value;
  if (value.kind === 'exponential') {
    const { scale, zeroCount, offset, counts } = value;
    return { count, sumMs: sum, buckets: { scale, unitMs: 1, zeroCount, offset, counts } };
  }
  return { count, sumMs: sum, buckets: { edgesMs: value.bounds, counts: value.counts } };
}

/** Those of a point that somebody asks for: whatever else it has, its stream is told apart by all of them. */
export function keptAttributes({ attributes }: Point, asked: ReadonlySet<string>): Readonly<Record<string, string>> {
  const kept = [...asked].flatMap((name) => {
    const value = attributes.get(name);
    return value === undefined ? [] : [[name, value.slice(0, MAX_VALUE).toWellFormed()]];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}

/** Whether a kept point is one of them. */
export function isOf(points: InstrumentPoints, { instrument, attributes = {} }: KeptPoint): boolean {
  return (
    instrument === customCode(points.instrument) &&
    Object.entries(points.attributes).every(
      ([name, value]) => Object.hasOwn(attributes, name) && attributes[name] === value,
    )
  );
}

/** What came of the instruments that everybody sends: those of a team's own say nothing of requests. */
export function withoutCustom(senders: readonly SenderPoints[]): readonly SenderPoints[] {
  return senders.flatMap((sender) => {
    if (sender.watched === undefined) return [sender];
    const points = sender.points.filter(({ instrument }) => instrument < FIRST_CODE);
    return points.length === 0 ? [] : [{ ...sender, points }];
  });
}
