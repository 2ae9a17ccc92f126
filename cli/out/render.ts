import { judgedEarly } from '../../src/report/early.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/report.ts';
import { textOf } from '../../src/report/text.ts';
import type { ReportedDeployment } from '../../src/report/wire.ts';
import type { Outcome } from '../gate/outcome.ts';
import type { OUTPUTS } from '../table/flags.ts';
import { junitOf } from './junit.ts';
import { PLAIN, type Style } from './style.ts';

export type Form = (typeof OUTPUTS)[number];

/** How a gate ended, in any form, with a line end. `nowMs`: epoch milliseconds. */
export function renderOutcome(form: Form, outcome: Outcome, nowMs: number, style: Style = PLAIN): string {
  if (form === 'json') return jsonOf(outcome);
  if (form === 'junit') return junitOf(outcome);
  if (form === 'markdown') return outcomeMarkdown(outcome, nowMs);
  return outcomeText(outcome, nowMs, style);
}

/** The deployment's report, and where it has no verdict, why the gate has none. */
export function outcomeMarkdown(outcome: Outcome, nowMs: number): string {
  const { kind, reason, exitCode } = outcome;
  const judged = judgedOf(outcome);
  if (judged !== null) return `${markdownOf(reportOf(judged, nowMs)).trimEnd()}\n`;
  const end = exitCode === 0 ? 'The pipeline goes on without a verdict.' : 'The gate failed.';
  return `### ${kind === 'away' ? 'SeqPulse is away' : 'SeqPulse: no verdict'}\n\n${asPlainMarkdown(reason)}\n\n${end}\n`;
}

/** What there is to report: a deployment with its verdict, the early one where the gate ended at that. */
function judgedOf({ deployment, isEarly = false }: Outcome): ReportedDeployment | null {
  if (deployment === null) return null;
  return isEarly ? judgedEarly(deployment) : deployment.verdict === null ? null : deployment;
}

function jsonOf({ kind, exitCode, reason, deployment }: Outcome): string {
  return `${JSON.stringify({ gate: { outcome: kind, exit_code: exitCode, reason }, deployment }, null, 2)}\n`;
}

function outcomeText(outcome: Outcome, nowMs: number, style: Style): string {
  const { exitCode, kind } = outcome;
  const judged = judgedOf(outcome);
  if (judged === null) return '';
  const [title = '', ...rest] = textOf(reportOf(judged, nowMs)).trimEnd().split('\n');
  const colour = exitCode !== 0 ? style.bad : judged.verdict?.verdict === 'ok' ? style.good : style.warn;
  const early = outcome.isEarly === true ? ' It did not wait for the end of the observation; --final does.' : '';
  const gate = kind === 'failed' ? `${style.bad('The gate failed.')}${early}` : 'The gate passed.';
  return `${colour(style.bold(title))}\n${rest.join('\n')}\n\n${gate}\n`;
}

/** Text that stays text. */
function asPlainMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()#+!|<>~]/g, '\\$&');
}
