/**
 * node bench/verdict/all-figures.ts --cases FILE [--azure DIR --nab DIR] [--nezha DIR --petshop DIR]
 *
 * Measures everything that docs/verdict.md shows, keeps the figures in results/ and writes them into the page and the rules'
 * files. Without the checkouts of public data (public/run.ts, not-you/run.ts) their figures stay as they are. Takes minutes.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    azure: { type: 'string' },
    nab: { type: 'string' },
    nezha: { type: 'string' },
    petshop: { type: 'string' },
  },
});
if (values.cases === undefined) throw new Error('--cases FILE is missing');
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const runs = [
  [
    'run.ts',
    '--cases',
    values.cases,
    '--figures',
    here('results/shipped.json'),
    '--ablation',
    here('results/ablation.json'),
  ],
  ['cross-validate.ts', '--cases', values.cases, '--figures', here('results/folds.json')],
  ['run-early.ts', '--cases', values.cases, '--figures', here('results/early.json')],
  ...(values.azure !== undefined && values.nab !== undefined
    ? [['public/run.ts', '--azure', values.azure, '--nab', values.nab, '--out', here('results/public.json')]]
    : []),
  ...(values.nezha !== undefined && values.petshop !== undefined
    ? [
        [
          'not-you/run.ts',
          ...['--nezha', values.nezha, '--petshop', values.petshop],
          ...['--cases', values.cases, '--out', here('results/not-you.json')],
        ],
      ]
    : []),
  ['generate-rule-figures.ts'],
  ['generate-doc-tables.ts'],
];
for (const [program = '', ...args] of runs) {
  const { status } = spawnSync(process.execPath, [here(program), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} failed`);
}
