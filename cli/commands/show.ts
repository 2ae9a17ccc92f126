import { reportOf } from '../../src/report/report.ts';
import { textOf } from '../../src/report/text.ts';
import { NotSeqPulse } from '../gate/faults.ts';
import { type Outcome, outcomeOf } from '../gate/outcome.ts';
import { hasEnded, isDeployment } from '../gate/wait.ts';
import { Misuse } from '../misuse.ts';
import { styleFor } from '../out/style.ts';
import { type Context, ciClient, deploymentId } from './context.ts';
import { printForm } from './print.ts';

/** A deployment as it stands; it is looked at, so the exit code is 0 whatever the verdict. */
export async function show(context: Context): Promise<number> {
  const id = deploymentId(context);
  if (id === null) throw new Misuse('Nothing is watched: start said why.');
  const deployment = await ciClient(context).deployment(id);
  if (!isDeployment(deployment)) throw new NotSeqPulse('it answered 200, but not as SeqPulse does: is the URL right?');
  const rules = { failOn: 'never', onUnavailable: 'pass', onInsufficient: 'pass' } as const;
  const outcome: Outcome = hasEnded(deployment)
    ? outcomeOf({ outcome: 'ended', deployment }, rules)
    : { kind: 'no_verdict', exitCode: 0, reason: 'there is no verdict yet', isLoud: false, deployment };
  const style = styleFor(context.around.stdout, context.around.env);
  const [title = '', ...rest] = textOf(reportOf(deployment, Date.now())).split('\n');
  printForm(context, outcome, { json: deployment, text: [style.bold(title), ...rest].join('\n') });
  return 0;
}
