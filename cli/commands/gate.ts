import type { Client } from '../../client/client.ts';
import { outcomeOf } from '../gate/outcome.ts';
import { endsEarly, gateRules, retryForMs } from '../gate/rules.ts';
import { waitForEnd } from '../gate/wait.ts';
import type { Context } from './context.ts';
import { reportOutcome } from './report.ts';

/** Waits for a deployment's verdict and answers as the gate: the exit code. */
export async function gate(context: Context, client: Client, id: string): Promise<number> {
  const { settings, around, voice, onRetry } = context;
  const early = endsEarly(settings);
  const until = early ? 'preliminary' : 'end';
  const waited = await waitForEnd(around.pace, (seconds) => client.deploymentAtEnd(id, seconds, until), {
    endsEarly: early,
    timeoutMs: settings.duration('timeout'),
    retryForMs: retryForMs(settings, true),
    onNews: voice.progress,
    onRetry,
  });
  return reportOutcome(context, outcomeOf(waited, gateRules(settings)));
}
