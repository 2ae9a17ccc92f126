import type { Window } from '../admit.ts';
import { type Assessment, judged, notJudged } from '../assessment.ts';
import type { Context } from '../context.ts';
import { LATENCY_OFFSET_MS } from '../latency-level.ts';
import { countsOf, type Measured, whyUnmeasured } from '../measured.ts';
import { isGraveRise } from '../metric-errors.ts';
import { assessTraffic, MAX_TIMES } from '../metric-traffic.ts';
import { median } from '../order-statistics.ts';
import { rampOf } from '../ramp.ts';
import { ASSUMED_REQUESTS } from '../requests.ts';
import { byLevel } from '../rules/by-level.ts';
import { errorRise } from '../rules/error-rise.ts';
import { trackOf } from '../track.ts';
import { DEFAULT_LIMITS, type Tuning } from '../tuning.ts';
import type { CustomKind, CustomMetric, CustomSubject } from './custom-metric.ts';
import { asErrors, asTraffic, eventsIn, measuredCustom } from './measured.ts';

interface Directed {
  readonly metric: CustomMetric;
  readonly subject: CustomSubject;
  readonly tuning: Tuning;
  readonly context: Context;
}

/**
 * A metric of somebody's own, by the scales of the five: a share by counts as errors, a level on latency's logarithmic
 * scale, a rate as traffic. One that is bad both ways is judged both ways, and the louder of the two speaks.
 */
export function assessCustom(
  metric: CustomMetric,
  before: Window,
  after: Window,
  tuning: Tuning,
  context: Context,
): Assessment {
  const { name, unit, kind } = metric;
  const ways = metric.worse === 'both' ? (['up', 'down'] as const) : [metric.worse];
  const assessments = ways.map((worse) =>
    ASSESS[kind]({ metric, subject: { name, unit, kind, worse }, tuning, context }, before, after),
  );
  return assessments.reduce((loudest, one) =>
    (one.evidence.strength ?? -1) > (loudest.evidence.strength ?? -1) ? one : loudest,
  );
}

const ASSESS: Readonly<Record<CustomKind, (directed: Directed, before: Window, after: Window) => Assessment>> = {
  share: assessShare,
  level: assessLevel,
  rate: (directed, before, after) =>
    directed.subject.worse === 'down'
      ? assessFallingRate(directed, before, after)
      : assessRisingRate(directed, before, after),
};

/** Of each metric, what its windows hold, or why that can't be compared. */
function read({ metric, subject, tuning }: Directed, before: Window, after: Window) {
  const was = measuredCustom(before, metric);
  const is = measuredCustom(after, metric);
  const counts = countsOf(was, is);
  const levelOf = ({ values }: Measured) => (values.length > 0 ? median(values) : null);
  const [baseline, observed] = [levelOf(was), levelOf(is)];
  const refuse = (why: string) => notJudged(subject, why, { baseline, observed, counts });
  const unmeasured =
    whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: false }) ??
    (baseline === null ? 'there is nothing to compare with' : null) ??
    (observed === null || is.values.length < 2 ? 'hardly any sample after holds it' : null);
  return { was, is, counts, baseline, observed, refuse, unmeasured };
}

/** Grave at as many times what matters as errors are. */
function assessShare(directed: Directed, before: Window, after: Window): Assessment {
  const { metric, subject, tuning } = directed;
  const { was, is, counts, refuse } = read(directed, before, after);
  const unmeasured = whyUnmeasured(was, is, { least: tuning.minPostSamples, isNeverZero: false });
  if (unmeasured !== null) return refuse(unmeasured);
  // Of a share that should be high, what is missing to all of them.
  const ratio = (value: number) => (subject.worse === 'down' ? 1 - value : value);
  const leastRise = metric.matters.absolute ?? DEFAULT_LIMITS.errorRise;
  const rise = errorRise(asErrors(was, metric, ratio), asErrors(is, metric, ratio), leastRise, tuning);
  if (rise === null) return refuse('no event was seen after');
  const graveErrorRise = tuning.graveErrorRise * (leastRise / DEFAULT_LIMITS.errorRise);
  return judged({
    metric: subject,
    baseline: ratio(rise.before.ratio),
    results: [rise],
    toLevel: ratio,
    toChange: (change) => change,
    counts,
    values: is.values,
    grave: isGraveRise(rise, leastRise, { ...tuning, graveErrorRise }),
  });
}

/** ln(level + offset): ratios, but below about what matters in itself differences. */
function assessLevel(directed: Directed, before: Window, after: Window): Assessment {
  const { metric, subject, tuning } = directed;
  const { was, is, counts, baseline, observed, refuse, unmeasured } = read(directed, before, after);
  if (unmeasured !== null || baseline === null || observed === null) return refuse(unmeasured ?? '');
  const events = metric.isCounted ? Math.min(typicalEvents(was, metric), typicalEvents(is, metric)) : Number.MAX_VALUE;
  if (events < tuning.latencyMinRequests) return refuse('a level of so few events is chance');

  const { relative, absolute } = metric.matters;
  const offset = offsetOf(absolute, Math.max(baseline, observed));
  const sign = subject.worse === 'down' ? -1 : 1;
  const working = (level: number) => sign * Math.log(level + offset);
  const toLevel = (y: number) => Math.max(0, Math.exp(sign * y) - offset);
  const ramp = rampOf(was, is, working).explained;
  const base = baseline + offset;
  const least = Math.max((relative ?? DEFAULT_LIMITS.latencyGrowth) * base, absolute ?? 0);
  const track = trackOf({
    before: was.values.map(working),
    after: is.values.map(working),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: tuning.latency,
    priors: tuning,
    // Where all that there is would have to go, it can't fall by what matters.
    leastChange: sign > 0 ? Math.log1p(least / base) : -Math.log(Math.max(Number.MIN_VALUE, 1 - least / base)),
    strictness: Math.max(1, Math.sqrt(tuning.latencyFullRequests / events)),
    explained: working(baseline) - median(was.values.map(working)) + ramp,
  });
  return judged({
    metric: subject,
    baseline,
    expected: toLevel(track.expected),
    results: byLevel('latency_p95', track, tuning),
    toLevel,
    toChange: (y) => sign * base * Math.expm1(sign * y),
    counts,
    values: is.values,
    grave:
      events >= tuning.graveLatencyRequests &&
      working(observed) - working(baseline) - ramp >= Math.log(tuning.graveLatencyFactor),
  });
}

/** As latency's 5 ms stand to the 4 ms that matter; without such a measure a hundredth of what was read. */
function offsetOf(absolute: number | null, level: number): number {
  if (absolute !== null) return absolute * (LATENCY_OFFSET_MS / DEFAULT_LIMITS.latencyRiseMs);
  return level > 0 ? level / 100 : 1;
}

function typicalEvents({ samples }: Measured, metric: CustomMetric): number {
  const known = samples.flatMap((sample) => eventsIn(metric, sample) ?? []);
  return known.length > 0 ? median(known) : ASSUMED_REQUESTS;
}

function assessFallingRate({ metric, subject, tuning, context }: Directed, before: Window, after: Window): Assessment {
  const limits = { ...DEFAULT_LIMITS, trafficDrop: metric.matters.relative ?? DEFAULT_LIMITS.trafficDrop };
  const assessment = assessTraffic(asTraffic(before, metric), asTraffic(after, metric), limits, tuning, context);
  return { ...assessment, metric: subject };
}

/** Traffic upside down: rate ÷ level before. A level of next to nothing is that of one event in a minute. */
function assessRisingRate(directed: Directed, before: Window, after: Window): Assessment {
  const { metric, subject, tuning, context } = directed;
  const { was, is, counts, baseline, observed, refuse, unmeasured } = read(directed, before, after);
  if (unmeasured !== null || baseline === null || observed === null) return refuse(unmeasured ?? '');
  if (context.planned === 0) return refuse('no traffic was planned for what is read');
  const expected = baseline * context.planned;
  const level = Math.max(expected, 1 / 60);
  const working = (rate: number, of: number) => Math.min(rate / of, MAX_TIMES);
  const track = trackOf({
    before: was.values.map((rate) => working(rate, Math.max(baseline, 1 / 60))),
    after: is.values.map((rate) => working(rate, level)),
    independentBefore: was.independent,
    independentAfter: is.independent,
    noise: {
      sampleSd: Math.sqrt(tuning.traffic.sampleSd ** 2 + tuning.trafficBurst / (level * 60)),
      driftSd: tuning.traffic.driftSd,
    },
    priors: tuning,
    leastChange: metric.matters.relative ?? DEFAULT_LIMITS.trafficDrop,
  });
  return judged({
    metric: subject,
    baseline,
    expected,
    results: byLevel('requests_per_sec', track, tuning),
    toLevel: (y) => y * level,
    toChange: (y) => y * level,
    counts,
    values: is.values,
    grave: observed >= tuning.graveLatencyFactor * level && observed * 60 >= tuning.graveLatencyRequests,
  });
}
