import { DEFAULT_LIMITS, DEFAULT_TUNING, type Tuning } from '../../src/verdict/tuning.ts';
import type { Limits, MetricName } from '../../src/verdict/types.ts';

/** The constants of one engine. */
export interface Constants {
  readonly tuning: Tuning;
  readonly limits: Limits;
}

/** One constant that may be chosen anew, the values it may take, and the metrics it touches. */
export interface Dial {
  readonly name: string;
  readonly values: readonly number[];
  readonly metrics: readonly MetricName[];
  readonly set: (constants: Constants, value: number) => Constants;
}

type Noisy = 'latency' | 'traffic' | 'cpu' | 'memory';
type Plain = { [K in keyof Tuning]-?: Tuning[K] extends number ? K : never }[keyof Tuning];

const SHIFTING: readonly MetricName[] = ['latency_p95', 'requests_per_sec', 'cpu_usage', 'memory_usage'];

function plain(name: Plain, metrics: readonly MetricName[], values: readonly number[]): Dial {
  return { name, values, metrics, set: (c, value) => ({ ...c, tuning: { ...c.tuning, [name]: value } }) };
}

function noise(of: Noisy, part: 'sampleSd' | 'driftSd', metric: MetricName, values: readonly number[]): Dial {
  return {
    name: `${of}.${part}`,
    values,
    metrics: [metric],
    set: (c, value) => ({ ...c, tuning: { ...c.tuning, [of]: { ...c.tuning[of], [part]: value } } }),
  };
}

function limit(name: keyof Limits, metric: MetricName, values: readonly number[]): Dial {
  return {
    name: `limits.${name}`,
    values,
    metrics: [metric],
    set: (c, value) => ({ ...c, limits: { ...c.limits, [name]: value } }),
  };
}

/**
 * Coarse ladders: with finer ones a fold would fit the accidents of its cases. Constants not listed are not searched:
 * halving or doubling them changes no score by more than a case or two.
 */
export const DIALS: readonly Dial[] = [
  plain('levelZ', SHIFTING, [2, 2.5, 3, 3.5]),
  plain('lateZ', SHIFTING, [2.5, 3, 4, 5]),
  plain('repeatedZ', SHIFTING, [1.3, 1.6, 2, 2.5, 3, 4]),
  plain('visitedQuantile', SHIFTING, [0.7, 0.9, 1]),
  plain('priorSamples', SHIFTING, [1, 2, 3, 4]),
  plain('driftPriorSamples', SHIFTING, [2, 5, 10, 20, 1e9]),
  plain('strictPriorSamples', ['latency_p95'], [2, 5, 10, 20, 1e9]),
  noise('latency', 'sampleSd', 'latency_p95', [0.12, 0.15, 0.18, 0.22]),
  limit('latencyGrowth', 'latency_p95', [0.2, 0.25, 0.3, 0.35, 0.42, 0.5]),
  plain('latencyFullRequests', ['latency_p95'], [3, 20, 40, 60]),
  noise('traffic', 'driftSd', 'requests_per_sec', [0.05, 0.065, 0.08, 0.1]),
  limit('trafficDrop', 'requests_per_sec', [0.2, 0.26, 0.33]),
  plain('trafficBurst', ['requests_per_sec'], [2, 5, 10, 20]),
  noise('cpu', 'driftSd', 'cpu_usage', [0.01, 0.02, 0.03, 0.04]),
  plain('cpuDriftSlope', ['cpu_usage'], [0, 0.1, 0.2, 0.25, 0.3]),
  limit('cpuRise', 'cpu_usage', [0.03, 0.04, 0.05, 0.06, 0.08]),
  plain('errorChance', ['error_rate'], [0.01, 0.02, 0.03, 0.05]),
  limit('errorRise', 'error_rate', [0.002, 0.003, 0.004, 0.006]),
  plain('errorBreadth', ['error_rate'], [0.2, 0.3, 0.4]),
];

/** Value of a dial by its name, for tables. */
export function dialValue(constants: Constants, name: string): number {
  const [group = '', part] = name.split('.');
  if (group === 'limits') return constants.limits[part as keyof Limits];
  const value = constants.tuning[group as keyof Tuning];
  if (typeof value === 'number') return value;
  return typeof value === 'object' && 'driftSd' in value ? value[part as 'sampleSd' | 'driftSd'] : Number.NaN;
}

export const SHIPPED: Constants = { tuning: DEFAULT_TUNING, limits: DEFAULT_LIMITS };

/**
 * Where a fold's search starts: the constants of an earlier form of these rules, not the shipped ones,
 * which have seen all cases.
 */
export const START: Constants = {
  tuning: {
    ...DEFAULT_TUNING,
    levelZ: 3,
    lateZ: 5,
    repeatedZ: 4,
    visitedQuantile: 0.7,
    priorSamples: 1,
    latency: { sampleSd: 0.15, driftSd: 0.05 },
    traffic: { sampleSd: 0.08, driftSd: 0.065 },
    cpu: { sampleSd: 0.02, driftSd: 0.04 },
    memory: { sampleSd: 0.01, driftSd: 0.03 },
    latencyFullRequests: 3,
    trafficBurst: 2,
    cpuDriftSlope: 0,
    errorChance: 0.01,
    errorBreadth: 0.4,
  },
  limits: {
    ...DEFAULT_LIMITS,
    latencyGrowth: 0.2,
    trafficDrop: 0.26,
    cpuRise: 0.08,
    memoryRise: 0.06,
    errorRise: 0.004,
  },
};

/** A second start that knows nothing: the middle of each ladder. The better of the two on a fold's own cases is kept. */
export const MIDDLE: Constants = DIALS.reduce(
  (constants, dial) => dial.set(constants, dial.values[Math.floor(dial.values.length / 2)] ?? Number.NaN),
  SHIPPED,
);
