import { runtimeMetrics } from '../../otel/catalog-runtime.ts';
import { familyOf, identityOf, type StoredMetrics, type StoredSeries } from './stored-series.ts';

/** How the values of a metric are held against each other. */
export type ValueRule =
  /** The same number. */
  | 'equal'
  /** Grows or moves by itself: within what the direct way has read over the last seconds. */
  | 'within readings'
  /** Each collection reads the time since the one before: two of them never see the same. */
  | 'not compared';

export interface ComparedMetric {
  readonly name: string;
  /** Series of this metric the direct way and through the Collector. */
  readonly direct: number;
  readonly collector: number;
  readonly rule: ValueRule;
  /** One line each; none = equal. */
  readonly differences: readonly string[];
}

/** Share by which a value may lie outside what was read: a gauge of memory moves between two readings. */
const MARGIN = 0.25;

const RUNTIME = new Set<string>(Object.values(runtimeMetrics).map(({ name }) => name));
const SINCE_LAST_READING = /^nodejs_eventloop_(delay_|utilization_)/;

/** Metric by metric, what differs between the two ways; the label `instance` apart. */
export function compareStored(direct: StoredMetrics, collector: StoredMetrics): ComparedMetric[] {
  const names = new Set([...direct.series, ...collector.series].map(({ name }) => familyOf(name)));
  return [...names].sort().map((name) => {
    const rule = ruleOf(name);
    const ofDirect = seriesOf(direct, name);
    const ofCollector = seriesOf(collector, name);
    const differences = [
      ...missing(ofDirect, ofCollector, 'only scraped from the service'),
      ...missing(ofCollector, ofDirect, 'only scraped from the Collector'),
      ...typeDifference(name, direct, collector),
      ...valueDifferences(ofDirect, ofCollector, rule),
    ];
    return { name, direct: ofDirect.size, collector: ofCollector.size, rule, differences };
  });
}

export function ruleOf(name: string): ValueRule {
  if (name.startsWith('scrape_') || SINCE_LAST_READING.test(name)) return 'not compared';
  return RUNTIME.has(name) && name !== runtimeMetrics.processStartTime.name ? 'within readings' : 'equal';
}

function seriesOf(stored: StoredMetrics, family: string): Map<string, StoredSeries> {
  const own = stored.series.filter(({ name }) => familyOf(name) === family);
  return new Map(own.map((series) => [identityOf(series.name, series.labels), series]));
}

function missing(from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>, how: string): string[] {
  return [...from.keys()].filter((identity) => !to.has(identity)).map((identity) => `${identity}: ${how}`);
}

function typeDifference(name: string, direct: StoredMetrics, collector: StoredMetrics): string[] {
  const [one, other] = [direct.types.get(name), collector.types.get(name)];
  return one === other ? [] : [`${name}: type ${one} from the service, ${other} from the Collector`];
}

function valueDifferences(
  direct: ReadonlyMap<string, StoredSeries>,
  collector: ReadonlyMap<string, StoredSeries>,
  rule: ValueRule,
): string[] {
  if (rule === 'not compared') return [];
  return [...direct].flatMap(([identity, one]) => {
    const other = collector.get(identity);
    if (other === undefined || agree(one, other, rule)) return [];
    return [`${identity}: ${one.last} from the service, ${other.last} from the Collector`];
  });
}

function agree(direct: StoredSeries, collector: StoredSeries, rule: ValueRule): boolean {
  if (rule === 'equal') return direct.last === collector.last;
  const slack = MARGIN * Math.max(Math.abs(direct.least), Math.abs(direct.most));
  return collector.last >= direct.least - slack && collector.last <= direct.most + slack;
}
