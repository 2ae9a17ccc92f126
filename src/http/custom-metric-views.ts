import type { CustomInstrument, CustomQuery } from '../model/source.ts';
import type { CustomKind } from '../verdict/custom/custom-metric.ts';

/** As it is shown: what `PUT` takes, with nothing left out. */
export function showCustomMetric({ name, unit, kind, worse, matters, isCounted, query: asked, events }: CustomQuery) {
  return {
    name,
    unit,
    kind,
    worse,
    matters,
    query: asked,
    events: eventsOf(kind, isCounted, events),
  };
}

function eventsOf(
  kind: CustomKind,
  isCounted: boolean,
  asked: string | null,
): 'requests' | 'none' | { query: string } | null {
  if (kind === 'rate') return null;
  return asked !== null ? { query: asked } : isCounted ? 'requests' : 'none';
}

/** The same, of what is pushed. */
export function showCustomInstrument(metric: CustomInstrument) {
  const { name, unit, kind, worse, matters, instrument: pushedBy, attributes: counted, statistic, of } = metric;
  return { name, unit, kind, worse, matters, instrument: pushedBy, attributes: counted, statistic, of };
}
