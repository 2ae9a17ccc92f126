import { Misuse } from '../misuse.ts';
import { type Context, ciClient, deploymentId } from './context.ts';
import { formOf } from './report.ts';

export async function feedback(context: Context): Promise<number> {
  const { settings, around, voice } = context;
  const [right, wrong] = [settings.is('right'), settings.is('wrong')];
  if (right === wrong) throw new Misuse('feedback needs either --right or --wrong.');
  const id = deploymentId(context);
  if (id === null) throw new Misuse('Nothing is watched: start said why.');
  const note = settings.text('note');
  const answer = await ciClient(context).feedback(id, { correct: right, ...(note === null ? {} : { note }) });
  if (formOf(context) === 'json') around.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  else voice.say(`noted: the verdict was ${right ? 'right' : 'wrong'}`);
  return 0;
}
