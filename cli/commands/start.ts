import { resolve } from 'node:path';
import type { Client } from '../../client/client.ts';
import { handOn } from '../ci/hand-on.ts';
import { triggerBody } from '../ci/trigger-body.ts';
import { type Outcome, outcomeOfFault, unwatched } from '../gate/outcome.ts';
import { onUnavailable, retryForMs } from '../gate/rules.ts';
import { startDeployment } from '../gate/start.ts';
import { Misuse } from '../misuse.ts';
import { type Context, ciClient } from './context.ts';
import { formOf, sayLoudly } from './report.ts';

export async function start(context: Context): Promise<number> {
  const { around, settings } = context;
  const begun = await begin(context, ciClient(context));
  const id = 'id' in begun ? begun.id : null;
  const dotenv = settings.text('dotenv');
  try {
    handOn(id, around.env, dotenv === null ? null : resolve(around.cwd, dotenv));
  } catch (error) {
    throw new Misuse(`The id can’t be handed on: ${error instanceof Error ? error.message : error}.`);
  }
  if (formOf(context) === 'json') {
    const gate = 'outcome' in begun ? { outcome: begun.outcome.kind, reason: begun.outcome.reason } : null;
    around.stdout.write(`${JSON.stringify({ deployment_id: id, unwatched: gate })}\n`);
  } else if (id !== null) around.stdout.write(`${id}\n`);
  return 'outcome' in begun ? begun.outcome.exitCode : 0;
}

/** Starts a deployment and says so; where nothing is watched, says that loudly. */
export async function begin(
  { settings, around, voice, ci, newKey, onRetry, hooks }: Context,
  client: Client,
): Promise<{ readonly id: string } | { readonly outcome: Outcome }> {
  const body = triggerBody(settings, ci, newKey);
  const started = await startDeployment(around.pace, client, body, { retryForMs: retryForMs(settings), onRetry });
  if (started.outcome === 'watched') {
    hooks.started?.(started.id);
    voice.say(`watches this deployment to ${body.env}: ${started.id}`);
    if (started.message !== null) voice.say(started.message);
    return { id: started.id };
  }
  const outcome =
    started.outcome === 'fault'
      ? outcomeOfFault(started.fault, onUnavailable(settings))
      : unwatched(`nothing is watched: ${started.reason}`, onUnavailable(settings));
  sayLoudly(voice, outcome);
  return { outcome };
}
