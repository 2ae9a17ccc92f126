import type { Admitted } from './admit.ts';
import { ASSESSORS, assess } from './assess.ts';
import { type Assessment, expectedAt } from './assessment.ts';
import { type Context, contextOf } from './context.ts';
import { latencyBeside } from './control-latency.ts';
import { type ControlShift, errorShiftOf, type Leveled, shiftOf } from './control-shift.ts';
import { ledBy } from './control-window.ts';
import { requestsIn } from './requests.ts';
import type { Tuning } from './tuning.ts';
import { type ControlSample, type Limits, METRICS, type Sample } from './types.ts';

/**
 * A concurrent control: what was not deployed to, in the same minutes. What hit both is not the deployment's, so the change is
 * judged against the control's (difference in differences): the level before is taken to where the control's change would
 * have led it. Of latency the samples after are taken back by it instead, in milliseconds: what slows a request by 100 ms
 * elsewhere leaves this service's own noise and limits where they were.
 *
 * The control's own before is read where a source knows it; versions that served before are their own before. Without either,
 * or of a number that the control has in fewer than half of the samples after, there is none.
 */
export function assessBesideControl(
  admitted: Admitted,
  limits: Limits,
  tuning: Tuning,
  context: Context,
): readonly Assessment[] {
  const controls = controlsOf(admitted);
  if (controls === null) return assess(admitted, limits, tuning, context);
  const { before, after } = admitted;
  const shift = (fact: Leveled) => shiftOf(fact, controls.before, controls.after, after.samples.length, tuning);
  const traffic = controls.isOldVersion ? null : shift('requests_per_sec');
  const loaded = traffic === null ? before : ledBy(traffic, 'requests_per_sec', before);
  const underLoad = traffic === null ? context : contextOf(loaded, after, context.facts, tuning);
  return METRICS.map((metric) => {
    const plain = ASSESSORS[metric](before, after, limits, tuning, context);
    const isOfRequests = metric === 'error_rate' || metric === 'latency_p95';
    if (controls.isOldVersion && !isOfRequests) return plain;
    const isCores = metric === 'cpu_usage' && after.samples.every(({ cpu_usage }) => cpu_usage === null);
    const control =
      metric === 'error_rate'
        ? errorShiftOf(controls.before, controls.after, after.samples.length, tuning)
        : shift(isCores ? 'cpuCores' : metric);
    if (control === null) return plain;
    if (control.trust === 0) return withControl(plain, control);
    const beside =
      metric === 'latency_p95'
        ? latencyBeside(admitted, { p95: control, mean: shift('latencyMean') }, limits, tuning, context)
        : levelAsItWas(
            ASSESSORS[metric](
              ledBy(control, metric, before),
              after,
              limits,
              tuning,
              isOfRequests || metric === 'requests_per_sec' ? context : underLoad,
            ),
            plain,
            control,
          );
    // Two explanations of one rise, the control's and what is known without it, are never one more failure.
    const isLouder = strengthOf(beside) > strengthOf(plain);
    return control.isWorse && isLouder ? withControl(plain, control) : beside;
  });
}

const strengthOf = ({ evidence }: Assessment): number => evidence.strength ?? 0;

/** For who reads the evidence. Left out where something else explains the level expected: it would be taken for that. */
function withControl(assessment: Assessment, { before, after }: ControlShift): Assessment {
  const { evidence } = assessment;
  if (evidence.notJudged !== null || evidence.expected !== undefined) return assessment;
  return { ...assessment, evidence: { ...evidence, control: { before, after } } };
}

interface Controls {
  /** Versions of before: what traffic they still get, and what they use for it, is the rollout's doing. */
  readonly isOldVersion: boolean;
  readonly before: readonly ControlSample[];
  readonly after: readonly ControlSample[];
}

/** null: there is none, or nothing that it could have moved from. */
function controlsOf({ before, after }: Admitted): Controls | null {
  const is = after.samples.flatMap(({ control }) => control ?? []);
  if (is.length === 0) return null;
  const was = before.samples.flatMap(({ control }) => control ?? []);
  const isOldVersion = is.some(({ versions }) => versions !== undefined);
  if (was.length > 0 && !isOldVersion) return { before: was, after: is, isOldVersion };
  // The versions of before are what was read before.
  if (!isOldVersion) return null;
  return { before: before.samples.map((sample) => ({ ...sample, numbers: sample })), after: is, isOldVersion };
}

/** Samples before from controls after, for a service of which nothing was read before: whatever differs is the deployment's. */
export function controlAsBefore(after: readonly Sample[]): Sample[] {
  const spanMs = (after.at(-1)?.collectedAtMs ?? 0) - (after[0]?.collectedAtMs ?? 0) + GAP_MS;
  return after.flatMap(({ control, collectedAtMs }) => {
    if (control === undefined) return [];
    const { numbers, versions: _, ...facts } = control;
    const sample: Sample = { ...numbers, ...facts, collectedAtMs: collectedAtMs - spanMs, lateSeconds: 0 };
    // Shares of the traffic say nothing of each other.
    const requests = requestsIn(sample);
    return { ...sample, requests_per_sec: null, ...(requests === null ? {} : { requests }) };
  });
}

const GAP_MS = 60_000;

/** The level before as it is without the control, with where the control's change would have led it as the one expected. */
function levelAsItWas(assessment: Assessment, plain: Assessment, control: ControlShift): Assessment {
  const { baseline, evidence } = assessment;
  if (evidence.notJudged !== null || baseline === null || plain.baseline === null) return assessment;
  const { expected, ...others } = evidence;
  const { before, after } = control;
  return {
    ...assessment,
    baseline: plain.baseline,
    evidence: { ...others, ...expectedAt(expected ?? baseline, plain.baseline), control: { before, after } },
  };
}
