import { hash } from 'node:crypto';
import { type Instrument, instrumentOf } from './instruments.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';
import type { StreamCensus } from './stream-census.ts';
import type { Attributes, Metric, Point, ResourceMetrics } from './wire/decoded.ts';

/** Milliseconds. Older points are read by nobody any more; newer ones come of a clock that is wrong. */
export const OLDEST_MS = 7_200_000;
export const NEWEST_MS = 300_000;
/** Rows hold points of the same ten seconds. */
export const ROW_MS = 10_000;
/** Characters of a name that are kept. */
const MAX_NAME = 255;
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
  readonly census: StreamCensus;
  readonly mostStreams: number;
  readonly nowMs: number;
}

/** A place in the rows: points that are stored together. */
type Rows = Map<string, { row: Omit<AcceptedRow, 'senders'>; senders: Map<number, Sending> }>;

interface Sending {
  isComplete: boolean;
  readonly points: KeptPoint[];
}

/** Sorts points into rows: collects what becomes of each. */
export function createAcceptor(context: AcceptContext) {
  const rows: Rows = new Map();
  const reasons = new Set<string>();
  let kept = 0;
  let rejected = 0;

  const reject = (points: number, reason: string) => {
    rejected += points;
    if (points > 0 && reasons.size < MAX_REASONS) reasons.add(reason);
  };

  function keep(place: Place, point: KeptPoint, isComplete: boolean): void {
    const atMs = Math.floor(point.timeMs / ROW_MS) * ROW_MS;
    const name = JSON.stringify([place.env, place.serviceName, place.serviceVersion, atMs]);
    const { env, serviceName, serviceVersion } = place;
    const found = rows.get(name) ?? { row: { env, serviceName, serviceVersion, atMs }, senders: new Map() };
    rows.set(name, found);
    const sending = found.senders.get(place.sender) ?? { isComplete: true, points: [] };
    found.senders.set(place.sender, sending);
    sending.points.push(point);
    if (!isComplete) sending.isComplete = false;
    kept += 1;
  }

  return {
    add({ attributes, metrics }: ResourceMetrics): void {
      const place = placeOf(attributes, context.envs);
      if (typeof place === 'string') {
        for (const { points, broken } of metrics) reject(points.length + broken, place);
        return;
      }
      const admitted: KeptPoint[] = [];
      let isComplete = true;
      for (const metric of metrics) {
        const instrument = instrumentOf(metric.name);
        if (instrument === undefined) continue;
        reject(metric.broken, `points of ${metric.name} can’t be read`);
        if (metric.broken > 0) isComplete = false;
        for (const point of metric.points) {
          const one = keptPoint(place.sender, instrument, metric, point, context.nowMs);
          if (one === null) continue;
          if (typeof one === 'string') reject(1, one);
          else if (context.census.admit(context.projectId, one.stream, context.nowMs)) admitted.push(one);
          else {
            isComplete = false;
            reject(1, `more than ${context.mostStreams} streams of this project: fewer attributes, or routes, help`);
          }
        }
      }
      for (const point of admitted) keep(place, point, isComplete);
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

interface Place {
  readonly env: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly sender: number;
}

/** Or why there is none. */
function placeOf(attributes: Attributes, envs: readonly string[]): Place | string {
  const told = attributes.get('deployment.environment.name') ?? attributes.get('deployment.environment');
  const env = told ?? (envs.length === 1 ? envs[0] : undefined);
  if (env === undefined) {
    return `deployment.environment.name is missing; the project has ${envs.map((one) => JSON.stringify(one)).join(', ')}`;
  }
  if (!envs.includes(env)) {
    return `the project has no environment ${JSON.stringify(env.slice(0, 64))}; it has ${envs.map((one) => JSON.stringify(one)).join(', ')}`;
  }
  return {
    env,
    serviceName: storable(attributes.get('service.name')),
    serviceVersion: storable(attributes.get('service.version')),
    sender: identityOf('', attributes),
  };
}

/** PostgreSQL keeps no NUL. */
function storable(text = ''): string {
  return text.replaceAll('\0', '').slice(0, MAX_NAME).toWellFormed();
}

/** 48 bits of all attributes, in whatever order they come. */
function identityOf(prefix: string, attributes: Attributes): number {
  const pairs = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}\u0001${value}`);
  return hash('sha256', `${prefix}\u0002${pairs.join('\u0002')}`, 'buffer').readUIntBE(0, 6);
}

/** null: it is none of those that are kept; a text: why it is refused. */
function keptPoint(
  sender: number,
  instrument: Instrument,
  metric: Metric,
  point: Point,
  nowMs: number,
): KeptPoint | string | null {
  if (point.isAbsent) return null;
  const part = instrument.partOf === undefined ? 0 : instrument.partOf(point.attributes);
  if (part === null) return null;
  if (point.timeMs < nowMs - OLDEST_MS) return `points of more than ${OLDEST_MS / 3_600_000} hours ago`;
  if (point.timeMs > nowMs + NEWEST_MS) return `points of the future: is the sender’s clock right?`;
  if (point.startMs > point.timeMs) return 'points that end before they begin';
  const temporality = temporalityOf(instrument, metric);
  if (temporality === null)
    return `${metric.name} is no ${instrument.keeps === 'duration' ? 'histogram' : 'number'} that can be read, or has no temporality`;
  const value = keptValueOf(instrument, metric, point);
  if (value === null) return `${metric.name} is of another kind than the conventions say`;
  const edges = typeof value === 'number' || 'scale' in value.buckets ? '' : value.buckets.edgesMs.join(' ');
  const kind = `${sender} ${instrument.code} ${temporality} ${edges}`;
  const stream = identityOf(kind, point.attributes);
  return {
    stream,
    instrument: instrument.code,
    part,
    temporality,
    startMs: point.startMs,
    timeMs: point.timeMs,
    value,
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
