import type { Outcome } from '../gate/outcome.ts';
import { renderOutcome } from '../out/render.ts';
import type { Context } from './context.ts';
import { formOf, writeReport } from './report.ts';

/** Prints what was looked up in the form that was asked for, and keeps it in the file that was asked for. */
export function printForm(
  context: Context,
  outcome: Outcome,
  own: { readonly json: unknown; readonly text: string },
): void {
  const form = formOf(context);
  const shown =
    form === 'json'
      ? `${JSON.stringify(own.json, null, 2)}\n`
      : form === 'text'
        ? own.text
        : renderOutcome(form, outcome, Date.now());
  const file = context.settings.text('report-file');
  if (file !== null) writeReport(context, file, shown);
  context.around.stdout.write(file === null ? shown : own.text);
}
