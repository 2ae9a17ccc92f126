import { reportOf } from '../../src/report/report.ts';
import { Misuse } from '../misuse.ts';
import { tableOf } from '../out/columns.ts';
import { styleFor } from '../out/style.ts';
import { type Context, ciClient } from './context.ts';
import { formOf } from './report.ts';

/** What a page of the service holds at most. */
const MOST = 200;

export async function list(context: Context): Promise<number> {
  const { settings, around, args } = context;
  const form = formOf(context);
  if (form === 'junit' || form === 'markdown') throw new Misuse(`list has no ${form} form; show has.`);
  const count = settings.number('count', { min: 1, max: MOST, whole: true }) ?? 20;
  // A filter, not a default: only what the flag says.
  const filters = Object.entries({ env: args.given.env, verdict: args.given.verdict });
  const query = Object.fromEntries(filters.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  const page = await ciClient(context).deployments({ ...query, limit: count });
  if (form === 'json') {
    around.stdout.write(`${JSON.stringify(page, null, 2)}\n`);
    return 0;
  }
  const style = styleFor(around.stdout, around.env);
  const nowMs = Date.now();
  const rows = page.items.map((deployment) => {
    const report = reportOf(deployment, nowMs);
    const started = deployment.started_at.slice(0, 16).replace('T', ' ');
    return [
      `#${report.number}`,
      report.env,
      report.short,
      started,
      report.origin.version ?? report.origin.branch ?? '',
      report.headline,
      report.id,
    ];
  });
  if (rows.length === 0) context.voice.say('no deployment is like that yet');
  for (const line of tableOf(rows)) around.stdout.write(`${colour(line, style)}\n`);
  return 0;
}

function colour(line: string, style: ReturnType<typeof styleFor>): string {
  return line.replace(/ (Rollback|Attention|OK) /, (word) =>
    word.includes('OK') ? style.good(word) : word.includes('Roll') ? style.bad(word) : style.warn(word),
  );
}
