import type { Client } from '../../client/client.ts';
import { trafficFacts } from '../ci/trigger-body.ts';
import { finishDeployment } from '../gate/finish.ts';
import { type Outcome, outcomeOfFault, unwatched } from '../gate/outcome.ts';
import { onUnavailable, retryForMs } from '../gate/rules.ts';
import { type Context, ciClient, deploymentId } from './context.ts';
import { formOf, sayLoudly } from './report.ts';

export async function finish(context: Context): Promise<number> {
  const { around, settings, voice, ci } = context;
  const id = deploymentId(context);
  if (id === null) {
    const outcome = unwatched('nothing is watched: start said why', onUnavailable(settings));
    sayLoudly(voice, outcome);
    return outcome.exitCode;
  }
  const outcome = await end(context, ciClient(context), id, settings.text('result') ?? ci?.result ?? 'success');
  if (formOf(context) === 'json')
    around.stdout.write(`${JSON.stringify({ deployment_id: id, fault: outcome?.reason ?? null })}\n`);
  return outcome?.exitCode ?? 0;
}

/** Ends a deployment and says so; null: all is well. */
export async function end(
  { settings, around, voice, onRetry }: Context,
  client: Client,
  id: string,
  result: string,
): Promise<Outcome | null> {
  const body = { deployment_id: id, result, ...trafficFacts(settings) };
  const ended = await finishDeployment(around.pace, client, body, { retryForMs: retryForMs(settings), onRetry });
  if (ended.outcome !== 'fault') {
    voice.say(ended.message);
    return null;
  }
  const outcome = outcomeOfFault(ended.fault, onUnavailable(settings));
  sayLoudly(voice, outcome);
  return outcome;
}
