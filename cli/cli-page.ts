import { flagMeaning, flagsOf, flagTitle } from './help.ts';
import { COMMANDS, COMMON, type Command } from './table/commands.ts';
import { EXIT_CODES } from './table/exit-codes.ts';
import { FLAG_GROUPS, FLAGS, type FlagName } from './table/flags.ts';

const HEAD = `# Command line

<!-- Generated from cli/table/ by cli/generate-cli-doc.ts: edit those. -->

\`seqpulse\` is one JavaScript file without dependencies, for Node 20 and later. It is the bin of this package
(\`npx seqpulse\` in a checkout, after \`npm run build\`), it is in the image, and \`npm pack ./cli\` makes a package of it
alone. Recipes for CIs: [recipes](recipes.md).

\`\`\`sh
export SEQPULSE_URL=https://seqpulse.example.com SEQPULSE_API_KEY=SP_…
seqpulse run --env prod -- ./deploy.sh
\`\`\`

What a command says while it works goes to standard error; standard output holds the result alone.`;

const FILE = `## Settings

A flag wins over its variable, that over \`seqpulse.json\` in the working directory (or the file that \`--config\` names). The
file is a JSON object of strings; one that holds \`key\` must be readable by its owner alone.`;

/** docs/cli.md, from the same table as --help. */
export function cliPage(): string {
  const list = COMMANDS.map(({ name, summary }) => `| [\`${name}\`](#seqpulse-${name}) | ${summary} |`);
  const codes = EXIT_CODES.map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const file = (Object.keys(FLAGS) as FlagName[]).flatMap((name) => {
    const { file: field, env } = FLAGS[name];
    return field === undefined && env === undefined
      ? []
      : [`| \`--${name}\` | ${env === undefined ? '' : `\`${env}\``} | ${field === undefined ? '' : `\`${field}\``} |`];
  });
  return [
    HEAD,
    ['| command | does |', '|---|---|', ...list].join('\n'),
    '## Exit codes',
    ['| code | says |', '|---|---|', ...codes, '| other | `run`: the command’s own, when that failed |'].join('\n'),
    FILE,
    ['| flag | variable | in the file |', '|---|---|---|', ...file].join('\n'),
    'Colours are for terminals; `NO_COLOR` and `FORCE_COLOR` are heard. The live line is for terminals where `CI` is not set.',
    '## Of every command',
    flagTable(COMMON),
    ...COMMANDS.map(commandSection),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function commandSection(command: Command): string {
  const usage = ['seqpulse', command.name, '[FLAGS]', command.synopsis].filter(Boolean).join(' ');
  const examples = command.examples.map(([example, what]) => (what === '' ? example : `# ${what}\n${example}`));
  const groups = FLAG_GROUPS.map(({ flags }) => flags.filter((name) => command.flags.includes(name)));
  const known = flagsOf(command).length > COMMON.length ? [flagTable(groups.flat())] : [];
  return [
    `## seqpulse ${command.name}`,
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    ...command.about,
    `\`\`\`sh\n# ${usage}\n${examples.join('\n')}\n\`\`\``,
    ...known,
  ].join('\n\n');
}

function flagTable(names: readonly FlagName[]): string {
  const rows = names.map((name) => `| \`${flagTitle(name)}\` | ${flagMeaning(FLAGS[name]).replaceAll('|', '\\|')} |`);
  return ['| flag | |', '|---|---|', ...rows].join('\n');
}
