/** What the catalogue says about one metric. Everything else (instruments, views, docs, dashboards, tests) follows from it. */
export interface Metric {
  /** As Prometheus sees it, scraped or pushed: it carries its unit, so that no translator on the way appends one. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry wants it: `s`, `By`, `1`; braces (`{job}`) only annotate and add nothing to a name. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram's buckets, ascending, in `unit`; `+Inf` is added by the format. */
  readonly buckets?: readonly number[];
  /** The OpenTelemetry instrument that a view turns into this metric. */
  readonly recordedAs: { readonly meter: string; readonly instrument: string };
  /** Set where the instrument is one of the semantic conventions and may be exported by its own name too. */
  readonly convention?: Convention;
  /** How many label sets may exist. Needed where a label is not a closed set; closed sets give their own product. */
  readonly seriesLimit?: number;
}

/** One dimension of a metric: the OpenTelemetry attribute that is recorded and the label it becomes. */
export interface Label {
  readonly name: string;
  readonly attribute: string;
  /** The allowed values, or what kind of open set it is. */
  readonly values: readonly string[] | OpenSet;
  /** Stands for a value outside the allowed ones; without it such a measurement is counted as overflow. */
  readonly otherwise?: string;
  /** Stands for an attribute that is absent; without it the label is left out. */
  readonly missing?: string;
}

/** Sets that code bounds but that no list names: templates of the route table, status codes, V8's heap spaces. */
export type OpenSet = 'route template' | 'HTTP status code' | 'V8 heap space' | 'runtime version';

/** How the semantic conventions have an instrument: https://opentelemetry.io/docs/specs/semconv/general/metrics/ */
export interface Convention {
  readonly attributes: readonly string[];
  /** Upper bounds that the conventions advise, where they differ from the metric's own. */
  readonly buckets?: readonly number[];
}

/** Label sets a metric may have: its own limit, or every combination of its closed sets. */
export function seriesLimitOf(metric: Metric): number {
  if (metric.seriesLimit !== undefined) return metric.seriesLimit;
  return closedLabelSets(metric)?.length ?? 0;
}

/** Every combination of label values, as recorded attributes; null when a label is not a closed set. */
export function closedLabelSets(metric: Metric): Record<string, string>[] | null {
  let sets: Record<string, string>[] = [{}];
  for (const label of metric.labels) {
    const { values } = label;
    if (typeof values === 'string') return null;
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label.attribute]: value })));
  }
  return sets;
}
