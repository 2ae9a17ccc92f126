import type { DeploymentShape } from '../../client/types.ts';
import type { VerdictName } from '../../client/verdict-types.ts';
import { sayDuration } from '../durations.ts';
import { EXIT, type ExitCode } from '../table/exit-codes.ts';
import type { FAIL_ON } from '../table/flags.ts';
import type { Fault } from './faults.ts';
import type { Waited } from './wait.ts';

/** What makes a gate pass or fail. */
export interface GateRules {
  readonly failOn: (typeof FAIL_ON)[number];
  readonly onUnavailable: 'pass' | 'fail';
  readonly onInsufficient: 'pass' | 'fail';
}

/** How a gate ended. */
export interface Outcome {
  /** A rollback was recommended before the window was over, and the gate ended at that. */
  readonly isEarly?: boolean;
  readonly kind: 'passed' | 'failed' | 'no_verdict' | 'away' | 'refused' | 'misused';
  readonly exitCode: ExitCode;
  /** One line. */
  readonly reason: string;
  /** Passed without a verdict that says so: to be said loudly. */
  readonly isLoud: boolean;
  readonly deployment: DeploymentShape | null;
}

const FAILING: Readonly<Record<GateRules['failOn'], readonly VerdictName[]>> = {
  rollback: ['rollback_recommended'],
  attention: ['attention', 'rollback_recommended'],
  never: [],
};

/** The gate's answer to how a wait ended. */
export function outcomeOf(waited: Waited, rules: GateRules): Outcome {
  if (waited.outcome === 'fault') return outcomeOfFault(waited.fault, rules.onUnavailable);
  const { deployment } = waited;
  if (waited.outcome === 'late')
    return noVerdict(`no verdict within ${sayDuration(waited.waitedMs)}`, deployment, rules);
  if (waited.outcome === 'early') return early(waited);
  if (deployment?.verdict == null) return noVerdict(whyNone(deployment), deployment, rules);
  const { verdict, headline } = deployment.verdict;
  const failing =
    verdict === 'insufficient_data' ? rules.onInsufficient === 'fail' : FAILING[rules.failOn].includes(verdict);
  return {
    kind: failing ? 'failed' : 'passed',
    exitCode: failing ? EXIT.gateFailed : EXIT.passed,
    reason: headline,
    isLoud: false,
    deployment,
  };
}

/** Asked for only where it fails the gate. */
function early({ deployment, preliminary }: Waited & { outcome: 'early' }): Outcome {
  const { summary } = preliminary;
  return { kind: 'failed', exitCode: EXIT.gateFailed, reason: summary, isLoud: false, deployment, isEarly: true };
}

/** What a request's fault means: away passes unless it is told to fail, refused and misused never pass. */
export function outcomeOfFault(fault: Pick<Fault, 'kind' | 'message'>, onUnavailable: 'pass' | 'fail'): Outcome {
  if (fault.kind === 'away') {
    return {
      ...unavailable(onUnavailable),
      kind: 'away',
      reason: `SeqPulse is away: ${fault.message}`,
      deployment: null,
    };
  }
  const exitCode = fault.kind === 'refused' ? EXIT.refused : EXIT.misused;
  return { kind: fault.kind, exitCode, reason: fault.message, isLoud: true, deployment: null };
}

/** Nothing is watched, so nothing can be said. */
export function unwatched(reason: string, onUnavailable: 'pass' | 'fail'): Outcome {
  return { ...unavailable(onUnavailable), kind: 'no_verdict', reason, deployment: null };
}

function noVerdict(reason: string, deployment: DeploymentShape | null, rules: GateRules): Outcome {
  return { ...unavailable(rules.onUnavailable), kind: 'no_verdict', reason, deployment };
}

function whyNone(deployment: DeploymentShape | null): string {
  const by = deployment?.superseded_by == null ? '' : `, because deployment ${deployment.superseded_by} took its place`;
  return `the deployment was abandoned${by}: there is no verdict`;
}

const unavailable = (onUnavailable: 'pass' | 'fail') => ({
  exitCode: onUnavailable === 'fail' ? EXIT.noVerdict : EXIT.passed,
  isLoud: true,
});
