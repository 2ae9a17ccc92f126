import { type Ablation, ablationTable, leaveOutTable } from './ablation.ts';
import { NOT_YOU_TABLES, type NotYouFigures } from './not-you/tables.ts';
import type { Tally } from './public/pairs.ts';
import { share, table } from './tables.ts';

/** Pairs of further families: alarms and rollbacks, knowing nothing of the service and knowing its own noise. */
export function publicTable(tallies: readonly Tally[]): string {
  const rows = tallies.map((t) => [
    `${t.family} ${t.part}`,
    t.change,
    String(t.pairs),
    ...[t.alarms, t.alarmsWithHistory, t.rollbacks, t.rollbacksWithHistory, t.early].map((count) =>
      share(count / t.pairs),
    ),
  ]);
  const header = ['family', 'change', 'pairs', 'alarms', '… own noise', 'rollbacks', '… own noise', 'early'];
  return table([header, ...rows]);
}

const BLOCK = /(<!-- figures: (\S+) (.+?) -->\n\n```\n)(?:[\s\S]*?\n)??```(?=\n)/g;

/** The page with each block of figures renewed. Throws where a block names figures that there are not. */
export function withFigures(page: string, resultOf: (file: string) => unknown): string {
  return page.replace(BLOCK, (_, head: string, file: string, name: string) => {
    return `${head}${tableOf(file, name, resultOf(file))}\n\`\`\``;
  });
}

function tableOf(file: string, name: string, result: unknown): string {
  if (file === 'public') return publicTable(result as readonly Tally[]);
  if (file === 'not-you') return NOT_YOU_TABLES[name as keyof typeof NOT_YOU_TABLES](result as NotYouFigures);
  if (file === 'ablation') return (name === 'rules' ? leaveOutTable : ablationTable)(result as Ablation);
  const lines = (result as Readonly<Record<string, readonly string[]>>)[name];
  if (lines === undefined) throw new Error(`results/${file}.json holds no figures “${name}”`);
  return lines.join('\n');
}
