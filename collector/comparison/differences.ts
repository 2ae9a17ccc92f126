import { runtimeMetrics } from '../../otel/catalog/runtime.ts';
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
  /** Series of this metric the direct way and the other way. */
  readonly direct: number;
  readonly other: number;
  readonly rule: ValueRule;
  /** One line each; none = equal. */
  readonly differences: readonly string[];
}

/** Share by which a value may lie outside what was read: a gauge of memory moves between two readings. */
const MARGIN = 0.25;

const RUNTIME = new Set<string>(Object.values(runtimeMetrics).map(({ name }) => name));
const SINCE_LAST_READING = /^nodejs_eventloop_(delay_|utilization_)/;

/** Metric by metric, what differs between the two ways; the label `instance` apart. */
export function compareStored(direct: StoredMetrics, other: StoredMetrics): ComparedMetric[] {
  const names = new Set([...direct.series, ...other.series].map(({ name }) => familyOf(name)));
  return [...names].sort().map((name) => {
    const rule = ruleOf(name);
    const ofDirect = seriesOf(direct, name);
    const ofOther = seriesOf(other, name);
    const differences = [
      ...missing(ofDirect, ofOther, 'only from the service'),
      ...missing(ofOther, ofDirect, 'only the other way'),
      ...typeDifference(name, direct, other),
      ...valueDifferences(ofDirect, ofOther, rule),
    ];
    return { name, direct: ofDirect.size, other: ofOther.size, rule, differences };
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

/** Prometheus tells types of scrape targets only: pushed to its OTLP receiver it knows none. */
function typeDifference(name: string, direct: StoredMetrics, other: StoredMetrics): string[] {
  if (other.types.size === 0) return [];
  const [told, toldOther] = [direct.types.get(name), other.types.get(name)];
  return told === toldOther ? [] : [`${name}: type ${told} from the service, ${toldOther} the other way`];
}

function valueDifferences(
  direct: ReadonlyMap<string, StoredSeries>,
  others: ReadonlyMap<string, StoredSeries>,
  rule: ValueRule,
): string[] {
  if (rule === 'not compared') return [];
  return [...direct].flatMap(([identity, one]) => {
    const other = others.get(identity);
    if (other === undefined || agree(one, other, rule)) return [];
    return [`${identity}: ${one.last} from the service, ${other.last} the other way`];
  });
}

function agree(direct: StoredSeries, other: StoredSeries, rule: ValueRule): boolean {
  if (rule === 'equal') return direct.last === other.last;
  const slack = MARGIN * Math.max(Math.abs(direct.least), Math.abs(direct.most));
  return other.last >= direct.least - slack && other.last <= direct.most + slack;
}
