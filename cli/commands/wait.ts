import { unwatched } from '../gate/outcome.ts';
import { onUnavailable } from '../gate/rules.ts';
import { type Context, ciClient, deploymentId } from './context.ts';
import { gate } from './gate.ts';
import { reportOutcome } from './report.ts';

export async function wait(context: Context): Promise<number> {
  const id = deploymentId(context);
  if (id !== null) return await gate(context, ciClient(context), id);
  return reportOutcome(context, unwatched('nothing is watched: start said why', onUnavailable(context.settings)));
}
