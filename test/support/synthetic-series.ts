/** One series: its name with labels, and its value so many seconds after the first; null: not scraped then. */
export interface SyntheticSeries {
  readonly series: string;
  readonly at: (seconds: number) => number | null;
}

/** A counter that grows by `perSecond`. */
export function counter(series: string, perSecond: number): SyntheticSeries {
  return { series, at: (seconds) => perSecond * seconds };
}

/**
 * The counters of a histogram: `shares` says which share of the requests is in each bucket, by its upper edge. Every
 * request takes `mean` of the histogram's unit.
 */
export function histogram(
  name: string,
  labels: string,
  requests: { readonly perSecond: number; readonly mean: number; readonly shares: Readonly<Record<string, number>> },
): SyntheticSeries[] {
  let sum = 0;
  const buckets = Object.entries(requests.shares)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([le, share]) => {
      sum += share;
      return counter(`${name}_bucket{${labels},le="${le}"}`, requests.perSecond * sum);
    });
  return [
    ...buckets,
    counter(`${name}_bucket{${labels},le="+Inf"}`, requests.perSecond),
    counter(`${name}_sum{${labels}}`, requests.perSecond * requests.mean),
    counter(`${name}_count{${labels}}`, requests.perSecond),
  ];
}

export interface SeriesSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
}

/** The series as text, one sample a line, as if they had been scraped every `stepSeconds`. */
export function linesOf(
  series: readonly SyntheticSeries[],
  { fromMs, toMs, stepSeconds }: SeriesSpan,
  unit: 'seconds' | 'milliseconds',
): string[] {
  const perMs = unit === 'seconds' ? 1_000 : 1;
  return series.flatMap(({ series: name, at }) => {
    const own: string[] = [];
    for (let seconds = 0; fromMs + seconds * 1_000 <= toMs; seconds += stepSeconds) {
      const value = at(seconds);
      if (value !== null) own.push(`${name} ${value} ${(fromMs + seconds * 1_000) / perMs}`);
    }
    return own;
  });
}
