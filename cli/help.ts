import type { Style } from './out/style.ts';
import { wrapText } from './out/wrap.ts';
import { COMMANDS, COMMON, type Command } from './table/commands.ts';
import { EXIT_CODES } from './table/exit-codes.ts';
import { FLAG_GROUPS, FLAGS, type Flag, type FlagName } from './table/flags.ts';

/** Readable at any width: no line is longer than this. */
const WIDEST = 100;
const NARROWEST = 40;
/** Of the first column. */
const LONGEST_TITLE = 28;

/** So that the groups of commands stand in one column. */
const LONGEST_NAME = Math.max(...COMMANDS.map(({ name }) => name.length));

interface Page {
  readonly style: Style;
  /** Characters. */
  readonly columns: number;
}

/** What `seqpulse` alone says. */
export function startPage(version: string, { style, columns }: Page): string {
  const width = widthOf(columns);
  const lines = [
    `${style.bold('seqpulse')} ${style.dim(version)}`,
    'Tells whether a deployment made the application worse, and stops the pipeline when it did.',
    '',
    `  ${style.bold('seqpulse run --env prod -- ./deploy.sh')}`,
    '',
  ];
  for (const group of new Set(COMMANDS.map((command) => command.group))) {
    const rows = COMMANDS.filter((command) => command.group === group);
    lines.push(
      style.bold(group),
      ...columnsOf(
        rows.map(({ name, summary }) => [name, summary]),
        width,
        style,
        LONGEST_NAME,
      ),
      '',
    );
  }
  lines.push(style.bold('Settings'));
  const settings = (['url', 'key'] as const).map(
    (name): Row => [FLAGS[name].env ?? '', `${FLAGS[name].meaning} (--${name})`],
  );
  lines.push(...columnsOf([...settings, ['seqpulse.json', 'both, and defaults of other flags']], width, style));
  lines.push(
    ...wrapText('A flag wins over its variable, that over the file.', width - 2).map((line) => `  ${line}`),
    '',
  );
  lines.push(...exitCodes(width, style), '');
  lines.push(`${style.dim('seqpulse help COMMAND shows its flags and examples.')}`);
  return lines.flatMap((line) => fold(line, width)).join('\n');
}

/** What `seqpulse help COMMAND` says. */
export function commandPage(command: Command, { style, columns }: Page): string {
  const width = widthOf(columns);
  const usage = ['seqpulse', command.name, '[FLAGS]', command.synopsis].filter(Boolean).join(' ');
  const lines = [`${style.bold(usage)}`, ...wrapText(upper(command.summary), width), ''];
  for (const paragraph of command.about) lines.push(...wrapText(paragraph, width), '');
  const indent = Math.min(LONGEST_TITLE, Math.max(...flagsOf(command).map((name) => flagTitle(name).length)));
  for (const { title, flags } of FLAG_GROUPS) {
    const shown = flags.filter((name) => flagsOf(command).includes(name));
    if (shown.length > 0) lines.push(style.bold(title), ...columnsOf(shown.map(flagRow), width, style, indent), '');
  }
  lines.push(style.bold('Examples'));
  for (const [example, what] of command.examples) {
    if (what !== '') lines.push(style.dim(`  # ${what}`));
    lines.push(`  ${example}`);
  }
  lines.push('', ...exitCodes(width, style, command.runsCommand === true));
  return lines.join('\n');
}

/** A flag as it is written: "-o, --output FORM". */
export function flagTitle(name: FlagName): string {
  const { short, value } = FLAGS[name];
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** What it means, its choices, its default and where else it comes from. */
export function flagMeaning({ meaning, choices, default: usual, env }: Flag): string {
  const more = [
    ...(choices === undefined ? [] : [choices.join(' | ')]),
    ...(usual === undefined ? [] : [`default: ${usual}`]),
    ...(env === undefined ? [] : [env]),
  ];
  return more.length === 0 ? meaning : `${meaning} [${more.join('; ')}]`;
}

/** All that it takes. */
export const flagsOf = (command: Command): readonly FlagName[] => [...command.flags, ...COMMON];

type Row = readonly [title: string, text: string];

const flagRow = (name: FlagName): Row => [flagTitle(name), flagMeaning(FLAGS[name])];

function exitCodes(width: number, style: Style, runsCommand = false): string[] {
  const rows = EXIT_CODES.map(({ code, meaning }): Row => [String(code), meaning]);
  const own: Row[] = runsCommand ? [['*', 'the command’s own, when that failed']] : [];
  return [style.bold('Exit codes'), ...columnsOf([...rows, ...own], width, style)];
}

/** Two columns; what is too long for the first has a line of its own. */
function columnsOf(rows: readonly Row[], width: number, style: Style, least = 0): string[] {
  const longest = Math.max(least, Math.min(LONGEST_TITLE, Math.max(...rows.map(([title]) => title.length))));
  const indent = longest + 4;
  return rows.flatMap(([title, text]) => {
    const [first = '', ...rest] = wrapText(text, Math.max(16, width - indent));
    const margin = ' '.repeat(indent);
    const shown = `  ${style.good(title)}`;
    const head =
      title.length > longest
        ? [shown, `${margin}${first}`]
        : [`${shown}${' '.repeat(indent - 2 - title.length)}${first}`];
    return [...head, ...rest.map((line) => `${margin}${line}`)];
  });
}

const widthOf = (columns: number): number => Math.max(NARROWEST, Math.min(WIDEST, columns));
const upper = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Lines without margin and columns, such as the sentence under the title. */
function fold(line: string, width: number): string[] {
  return line.startsWith(' ') || line.includes('\u001b') ? [line] : line === '' ? [''] : wrapText(line, width);
}
