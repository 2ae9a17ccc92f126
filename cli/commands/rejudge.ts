import { reportOf } from '../../src/report/report.ts';
import { textOf } from '../../src/report/text.ts';
import { outcomeOf } from '../gate/outcome.ts';
import { Misuse } from '../misuse.ts';
import { type Context, ciClient, deploymentId } from './context.ts';
import { printForm } from './print.ts';

/** What other limits would have said. It is a question, so the exit code is 0 whatever the answer. */
export async function rejudge(context: Context): Promise<number> {
  const { settings } = context;
  const id = deploymentId(context);
  if (id === null) throw new Misuse('Nothing is watched: start said why.');
  const limits = Object.fromEntries(settings.texts('limit').map(readLimit));
  const client = ciClient(context);
  const judged = await client.rejudge(id, limits);
  const deployment = { ...(await client.deployment(id)), verdict: judged };
  const rules = { failOn: 'never', onUnavailable: 'pass', onInsufficient: 'pass' } as const;
  const outcome = outcomeOf({ outcome: 'ended', deployment }, rules);
  const text = `${textOf(reportOf(deployment, Date.now()))}\nJudged again; nothing is stored.\n`;
  printForm(context, outcome, { json: judged, text });
  return 0;
}

function readLimit(text: string): [string, number] {
  const [name = '', value = ''] = text.split('=', 2);
  if (/^[a-z][a-z0-9_]*$/.test(name) && value.trim() !== '' && Number.isFinite(Number(value)))
    return [name, Number(value)];
  throw new Misuse(`--limit is ${JSON.stringify(text)}; it should look like latency_p95_growth=0.5.`);
}
