import type { CustomInstrument, InstrumentPoints, OtlpSettings } from '../../model/source.ts';
import type { ExaminedCustom } from '../source.ts';
import { customCode, pointsOf } from './custom-instruments.ts';
import { type CustomTold, customFound } from './custom-values.ts';
import { MINUTE_MS } from './fold.ts';
import { INSTRUMENTS } from './instruments.ts';
import type { KeptPoint } from './points.ts';
import type { SpanRead } from './read.ts';

/** Names that are listed to somebody who may have mistyped one. */
const MAX_NAMES = 20;

/** What came for each of the team's own metrics in the minute that ends at `endMs`, and in those before it that were read. */
export function examinedCustom(span: SpanRead, endMs: number): readonly ExaminedCustom[] {
  return span.custom.map((one): ExaminedCustom => {
    const { metric } = one;
    const found = customFound(one, { endMs, minutes: span.minutes.length });
    const newest = found.at(-1) ?? null;
    const unmet = pointsOf(metric).flatMap((points, at) =>
      (at === 0 ? one.points : one.pointsOf) === 0 ? [explainNone(span, points)] : [],
    );
    const value = newest?.value ?? null;
    const isIdle = newest?.reason === 'no_requests';
    const events = newest?.events;
    return {
      name: metric.name,
      query: queryOf(metric),
      value,
      series: streamsOf(span, metric),
      // A counter of failures is not there before the first one.
      warnings: value === null ? [] : unmet,
      minutesWithData: found.filter((minute) => minute.value !== null).length,
      events: events === undefined ? null : events / (MINUTE_MS / 1_000),
      problem: value !== null || isIdle ? null : (unmet[0] ?? problemOf(one, newest?.problem)),
    };
  });
}

/** A level of a histogram is made of what it observed: minutes without an observation say nothing of it. */
export function withFound(settings: OtlpSettings, { custom }: SpanRead): OtlpSettings {
  if (settings.custom === undefined) return settings;
  const histograms = new Set(custom.flatMap(({ metric, isHistogram }) => (isHistogram ? [metric.name] : [])));
  return {
    ...settings,
    custom: settings.custom.map((metric) =>
      metric.kind === 'level' && histograms.has(metric.name) ? { ...metric, isCounted: true } : metric,
    ),
  };
}

function problemOf({ told }: CustomTold, problem: string | null | undefined): string {
  const isFirst = told.firstMs.length > 0 && told.increments.length === 0;
  return isFirst
    ? 'its first points have come: what they count from is known with the next ones; try again in two minutes'
    : (problem ?? 'has no data in this minute');
}

/** `orders{outcome="failed"} / orders`, and what is made of a level. */
function queryOf(metric: CustomInstrument): string {
  const [points, of] = pointsOf(metric).map(written);
  if (of !== undefined) return `${points} / ${of}`;
  return metric.statistic === null ? `${points}` : `${metric.statistic} of ${points}`;
}

function written({ instrument, attributes }: InstrumentPoints): string {
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? instrument : `${instrument}{${pairs.join(', ')}}`;
}

/** Which streams there are of an instrument, if only with other attributes; else which instruments. */
function explainNone(span: SpanRead, points: InstrumentPoints): string {
  const code = customCode(points.instrument);
  const met = span.senders.flatMap((sender) => sender.points.filter(({ instrument }) => instrument === code));
  if (met.length > 0) return `no points of ${written(points)}; there are: ${listed(met.map(attributesOf))}`;
  const watched = span.senders.filter((sender) => sender.watched?.includes(code));
  if (watched.length === 0) {
    return `no points of ${points.instrument} yet: it has been kept since this source was set; try again in two minutes`;
  }
  const codes = new Set(span.senders.flatMap((sender) => sender.points.map(({ instrument }) => instrument)));
  const others = new Set([
    ...span.senders.flatMap(({ others: names = [] }) => names),
    ...INSTRUMENTS.flatMap((one) => (codes.has(one.code) ? [one.name] : [])),
  ]);
  return `no points of instrument ${points.instrument}; there are: ${listed([...others])}`;
}

const attributesOf = ({ attributes = {} }: KeptPoint): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ') || 'none of these attributes';

function listed(names: readonly string[]): string {
  const all = [...new Set(names)].sort();
  const more = all.length > MAX_NAMES ? ` and ${all.length - MAX_NAMES} more` : '';
  return `${all.slice(0, MAX_NAMES).join(', ')}${more}`;
}

function streamsOf({ senders }: SpanRead, metric: CustomInstrument): number {
  const codes = new Set(pointsOf(metric).map(({ instrument }) => customCode(instrument)));
  const streams = senders.flatMap(({ points }) =>
    points.flatMap(({ instrument, stream }) => (codes.has(instrument) ? [stream] : [])),
  );
  return new Set(streams).size;
}
