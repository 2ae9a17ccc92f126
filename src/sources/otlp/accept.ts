import {
  type CustomInstruments,
  customCode,
  customTemporality,
  customValue,
  keptAttributes,
  NO_INSTRUMENTS,
} from './custom-instruments.ts';
import { createEdgeSharing, type EdgeSharing } from './edge-sharing.ts';
import { identityOf } from './identity.ts';
import { type Instrument, instrumentOf } from './instruments.ts';
import { type Place, placeOf } from './place.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';
import type { StreamCensus } from './stream-census.ts';
import type { Metric, Point, ResourceMetrics } from './wire/decoded.ts';

/** Milliseconds. Older points are read by nobody any more; newer ones come of a clock that is wrong. */
export const OLDEST_MS = 7_200_000;
export const NEWEST_MS = 300_000;
/** Rows hold points of the same ten seconds. */
export const ROW_MS = 10_000;
const MAX_REASONS = 5;

/** A row to be, of points of one environment, service and version whose times lie in the same ten seconds. */
export interface AcceptedRow {
  readonly env: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Start of the ten seconds, epoch milliseconds. */
  readonly atMs: number;
  readonly senders: readonly SenderPoints[];
}

export interface Accepted {
  readonly rows: readonly AcceptedRow[];
  readonly keptPoints: number;
  readonly rejectedPoints: number;
  /** Why, for people; each once. */
  readonly reasons: readonly string[];
}

export interface AcceptContext {
  readonly projectId: string;
  /** The project's environments. */
  readonly envs: readonly string[];
  /** Those that the project's own metrics name; absent: none. */
  readonly custom?: CustomInstruments;
  readonly census: StreamCensus;
  readonly mostStreams: number;
  readonly nowMs: number;
}

/** A place in the rows: points that are stored together. */
type Rows = Map<string, { row: Omit<AcceptedRow, 'senders'>; senders: Map<number, Sending> }>;

interface Sending {
  isComplete: boolean;
  readonly watched?: readonly number[];
  readonly others?: readonly string[];
  readonly points: KeptPoint[];
}

/** Sorts points into rows: collects what becomes of each. */
export function createAcceptor(context: AcceptContext) {
  const rows: Rows = new Map();
  const reasons = new Set<string>();
  const custom = context.custom ?? NO_INSTRUMENTS;
  const watched = [...custom.keys()].map(customCode).sort((a, b) => a - b);
  let kept = 0;
  let rejected = 0;

  const reject = (points: number, reason: string) => {
    rejected += points;
    if (points > 0 && reasons.size < MAX_REASONS) reasons.add(reason);
  };

  function keep(place: Place, point: KeptPoint, isComplete: boolean, more: Watched): void {
    const atMs = Math.floor(point.timeMs / ROW_MS) * ROW_MS;
    const name = `${atMs} ${place.name}`;
    const { env, serviceName, serviceVersion } = place;
    const found = rows.get(name) ?? { row: { env, serviceName, serviceVersion, atMs }, senders: new Map() };
    rows.set(name, found);
    const sending = found.senders.get(place.sender) ?? { isComplete: true, points: [], ...more };
    found.senders.set(place.sender, sending);
    sending.points.push(point);
    if (!isComplete) sending.isComplete = false;
    kept += 1;
  }

  return {
    /** `others`: names of what came with it and is not kept. */
    add({ attributes, metrics }: ResourceMetrics, others: readonly string[] = []): void {
      const place = placeOf(attributes, context.envs);
      if (typeof place === 'string') {
        for (const { points, broken } of metrics) reject(points.length + broken, place);
        return;
      }
      const admitted: KeptPoint[] = [];
      let isComplete = true;
      for (const metric of metrics) {
        const keepings = keepingsOf(metric.name, custom);
        if (keepings.length === 0) continue;
        reject(metric.broken, `points of ${metric.name} can’t be read`);
        if (metric.broken > 0) isComplete = false;
        for (const point of metric.points) {
          for (const keeping of keepings) {
            const one = keptPoint(place.sender, keeping, metric, point, context.nowMs);
            if (one === null) continue;
            if (typeof one === 'string') reject(1, one);
            else if (context.census.admit(context.projectId, one.stream, context.nowMs)) admitted.push(one);
            else {
              isComplete = false;
              reject(1, `more than ${context.mostStreams} streams of this project: fewer attributes, or routes, help`);
            }
          }
        }
      }
      const more = watched.length === 0 ? {} : { watched, ...(others.length === 0 ? {} : { others }) };
      for (const point of admitted) keep(place, point, isComplete, more);
    },
    done(): Accepted {
      return {
        rows: [...rows.values()].map(({ row, senders }) => ({
          ...row,
          senders: [...senders].map(([sender, sending]) => ({ sender, ...sending })),
        })),
        keptPoints: kept,
        rejectedPoints: rejected,
        reasons: [...reasons],
      };
    },
  };
}

type Watched = Pick<SenderPoints, 'watched' | 'others'>;

/** How points of an instrument are kept. */
interface Keeping {
  readonly code: number;
  readonly partOf?: Instrument['partOf'];
  readonly temporalityOf: (metric: Metric) => KeptPoint['temporality'] | null;
  /** null: of another kind than the conventions say. */
  readonly valueOf: (metric: Metric, point: Point) => KeptPoint['value'] | null;
  readonly sharing: EdgeSharing;
  readonly noTemporality: string;
  /** Of the team's own: attributes that are kept. */
  readonly asked?: ReadonlySet<string>;
}

/** One that is both, the conventions' and the team's own, is kept as both. */
function keepingsOf(name: string, custom: CustomInstruments): Keeping[] {
  const keepings: Keeping[] = [];
  const instrument = instrumentOf(name);
  if (instrument !== undefined) {
    keepings.push({
      code: instrument.code,
      ...(instrument.partOf === undefined ? {} : { partOf: instrument.partOf }),
      temporalityOf: (metric) => temporalityOf(instrument, metric),
      valueOf: (metric, point) => keptValueOf(instrument, metric, point),
      sharing: createEdgeSharing(),
      noTemporality: `is no ${instrument.keeps === 'duration' ? 'histogram' : 'number'} that can be read, or has no temporality`,
    });
  }
  const asked = custom.get(name);
  if (asked !== undefined) {
    keepings.push({
      code: customCode(name),
      temporalityOf: customTemporality,
      valueOf: (_metric, point) => customValue(point),
      sharing: createEdgeSharing(),
      noTemporality: 'has no temporality',
      asked,
    });
  }
  return keepings;
}

/** null: it is none of those that are kept; a text: why it is refused. */
function keptPoint(
  sender: number,
  keeping: Keeping,
  metric: Metric,
  point: Point,
  nowMs: number,
): KeptPoint | string | null {
  if (point.isAbsent) return null;
  const part = keeping.partOf === undefined ? 0 : keeping.partOf(point.attributes);
  if (part === null) return null;
  if (point.timeMs < nowMs - OLDEST_MS) return `points of more than ${OLDEST_MS / 3_600_000} hours ago`;
  if (point.timeMs > nowMs + NEWEST_MS) return `points of the future: is the sender’s clock right?`;
  if (point.startMs > point.timeMs) return 'points that end before they begin';
  const temporality = keeping.temporalityOf(metric);
  if (temporality === null) return `${metric.name} ${keeping.noTemporality}`;
  const value = keeping.valueOf(metric, point);
  if (value === null) return `${metric.name} is of another kind than the conventions say`;
  const { shared, edges } = keeping.sharing(value);
  const kind = `${sender} ${keeping.code} ${temporality} ${edges}`;
  const stream = identityOf(kind, point.attributes);
  return {
    stream,
    instrument: keeping.code,
    part,
    temporality,
    startMs: point.startMs,
    timeMs: point.timeMs,
    value: shared,
    ...(keeping.asked === undefined ? {} : { attributes: keptAttributes(point, keeping.asked) }),
  };
}

/** null: it can't be kept like this. */
function temporalityOf({ keeps }: Instrument, metric: Metric): KeptPoint['temporality'] | null {
  if (keeps === 'level') return metric.kind === 'gauge' || metric.temporality === 'cumulative' ? 'level' : null;
  return metric.temporality === 'unspecified' ? null : metric.temporality;
}

function keptValueOf(instrument: Instrument, metric: Metric, { value }: Point): number | Distribution | null {
  if (value.kind === 'number') return instrument.keeps === 'duration' ? null : value.value;
  if (instrument.keeps !== 'duration') return null;
  const unitMs = metric.unit === 's' ? 1_000 : metric.unit === 'ms' ? 1 : (instrument.unitMs ?? 1_000);
  const sumMs = value.sum === null ? null : value.sum * unitMs;
  if (value.kind === 'exponential') {
    const { count, scale, zeroCount, offset, counts } = value;
    return { count, sumMs, buckets: { scale, unitMs, zeroCount, offset, counts } };
  }
  return {
    count: value.count,
    sumMs,
    buckets: { edgesMs: value.bounds.map((bound) => bound * unitMs), counts: value.counts },
  };
}
