import { appendFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Outcome } from '../gate/outcome.ts';
import { Misuse } from '../misuse.ts';
import { type Form, outcomeMarkdown, renderOutcome } from '../out/render.ts';
import { styleFor } from '../out/style.ts';
import { annotationText, type Voice } from '../out/voice.ts';
import type { Context } from './context.ts';

/** The form that is asked for. */
export const formOf = ({ settings }: Context): Form => (settings.text('output') ?? 'text') as Form;

/**
 * Says how a gate ended: loudly where it must be seen, in the form that was asked for, to the file that was asked for, and
 * in the summary that GitHub shows of a job. Returns the exit code.
 */
export function reportOutcome(context: Context, outcome: Outcome): number {
  const { around, settings, voice } = context;
  const nowMs = Date.now();
  voice.done();
  context.hooks.ended?.(outcome);
  const text = renderOutcome('text', outcome, nowMs, styleFor(around.stdout, around.env));
  if (outcome.isLoud) sayLoudly(voice, outcome);
  else if (around.env.GITHUB_ACTIONS === 'true') around.stderr.write(annotation(outcome));
  const file = settings.text('report-file');
  const form = formOf(context);
  if (file !== null) writeReport(context, file, renderOutcome(form, outcome, nowMs));
  around.stdout.write(file !== null || form === 'text' ? text : renderOutcome(form, outcome, nowMs));
  const summary = around.env.GITHUB_STEP_SUMMARY;
  if (summary) appendFileSync(summary, `${outcomeMarkdown(outcome, nowMs)}\n`);
  return outcome.exitCode;
}

/** The verdict where GitHub shows it: beside the job, and on its page. */
function annotation({ kind, reason, deployment }: Outcome): string {
  const verdict = deployment?.verdict?.verdict;
  const level = kind === 'failed' ? 'error' : verdict === 'ok' ? 'notice' : 'warning';
  const of = deployment === null ? '' : `: ${deployment.project} #${deployment.number} in ${deployment.env}`;
  const title = `SeqPulse${of}`.replaceAll(
    /[,:\r\n%]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `::${level} title=${title}::${annotationText(reason)}\n`;
}

/** What passes without a verdict says that it does. */
export function sayLoudly(voice: Voice, { kind, exitCode, reason }: Outcome): void {
  if (exitCode === 0) voice.loud(`${reason.replace(/[.]$/, '')}. NOT CHECKED: the pipeline goes on without a verdict.`);
  else voice.loud(kind === 'refused' ? `refused: ${reason}` : reason, 'error');
}

/** Writes --report-file. Throws Misuse where it can't be written. */
export function writeReport({ around }: Context, file: string, text: string): void {
  try {
    writeFileSync(resolve(around.cwd, file), text);
  } catch (error) {
    throw new Misuse(`--report-file can’t be written: ${error instanceof Error ? error.message : error}.`);
  }
}
