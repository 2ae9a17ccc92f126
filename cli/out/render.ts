import { markdownOf } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/report.ts';
import { textOf } from '../../src/report/text.ts';
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
export function outcomeMarkdown({ deployment, kind, reason, exitCode }: Outcome, nowMs: number): string {
  if (deployment !== null && deployment.verdict !== null)
    return `${markdownOf(reportOf(deployment, nowMs)).trimEnd()}\n`;
  const end = exitCode === 0 ? 'The pipeline goes on without a verdict.' : 'The gate failed.';
  return `### ${kind === 'away' ? 'SeqPulse is away' : 'SeqPulse: no verdict'}\n\n${asPlainMarkdown(reason)}\n\n${end}\n`;
}

function jsonOf({ kind, exitCode, reason, deployment }: Outcome): string {
  return `${JSON.stringify({ gate: { outcome: kind, exit_code: exitCode, reason }, deployment }, null, 2)}\n`;
}

function outcomeText(outcome: Outcome, nowMs: number, style: Style): string {
  const { deployment, exitCode, kind } = outcome;
  if (deployment === null || deployment.verdict === null) return '';
  const [title = '', ...rest] = textOf(reportOf(deployment, nowMs)).trimEnd().split('\n');
  const colour = exitCode !== 0 ? style.bad : deployment.verdict.verdict === 'ok' ? style.good : style.warn;
  const gate = kind === 'failed' ? style.bad('The gate failed.') : 'The gate passed.';
  return `${colour(style.bold(title))}\n${rest.join('\n')}\n\n${gate}\n`;
}

/** Text that stays text. */
function asPlainMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()#+!|<>~]/g, '\\$&');
}
