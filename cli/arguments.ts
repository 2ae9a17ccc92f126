import { parseArgs } from 'node:util';
import { Misuse } from './misuse.ts';
import { COMMANDS, COMMON, type Command, type CommandName } from './table/commands.ts';
import { FLAGS, type Flag, type FlagName } from './table/flags.ts';

export type Given = Readonly<Partial<Record<FlagName, string | boolean | readonly string[]>>>;

export interface Arguments {
  readonly command: CommandName;
  readonly given: Given;
  /** Beside flags: an id. */
  readonly words: readonly string[];
  /** What follows `--`. */
  readonly program: readonly string[];
}

/** What the words of a command line ask for. Throws Misuse with a sentence that says what would be right. */
export function readArguments(args: readonly string[]): Arguments | { readonly help: CommandName | null } | 'version' {
  const dashes = args.indexOf('--');
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const program = dashes < 0 ? [] : args.slice(dashes + 1);
  const { given, words } = parse(own);
  const [name, ...rest] = words;
  if (name === 'version' || (name === undefined && own.includes('--version'))) return 'version';
  if (name === undefined || name === 'help') return { help: rest[0] === undefined ? null : commandOf(rest[0]).name };
  const command = commandOf(name);
  if (given.help === true) return { help: command.name };
  const allowed: readonly string[] = [...command.flags, ...COMMON];
  for (const flag of Object.keys(given)) {
    if (!allowed.includes(flag)) throw new Misuse(`${command.name} takes no --${flag}.${offer(flag, allowed)}`);
  }
  if (rest.length > command.words) throw new Misuse(tooMany(command, rest[command.words] ?? ''));
  if (command.runsCommand === true && program.length === 0) {
    throw new Misuse('run needs the command to run, after two dashes: seqpulse run --env prod -- ./deploy.sh');
  }
  if (command.runsCommand !== true && program.length > 0) throw new Misuse(`${command.name} runs no command.`);
  return { command: command.name, given, words: rest, program };
}

/** The table's command; throws Misuse for a name that it does not have. */
export function commandOf(name: string): Command & { readonly name: CommandName } {
  const found = COMMANDS.find((command) => command.name === name);
  const names = COMMANDS.map((command) => command.name);
  if (found === undefined) throw new Misuse(`There is no command ${JSON.stringify(name)}.${offer(name, names)}`);
  return found as Command & { readonly name: CommandName };
}

function parse(args: readonly string[]): { readonly given: Given; readonly words: readonly string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }> = {
    version: { type: 'string', multiple: true },
  };
  for (const [name, flag] of Object.entries(FLAGS)) {
    const type = flag.value === undefined ? 'boolean' : 'string';
    options[name] = { type, multiple: true, ...(flag.short === undefined ? {} : { short: flag.short }) };
  }
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const given: Partial<Record<FlagName, string | boolean | readonly string[]>> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'version' && words.length === 0) continue;
    if (!Object.hasOwn(FLAGS, token.name)) {
      throw new Misuse(`There is no flag ${token.rawName}.${offer(token.name, Object.keys(FLAGS))}`);
    }
    const name = token.name as FlagName;
    const value = readValue(name, FLAGS[name], token.value);
    if (FLAGS[name].repeats === true) given[name] = [...((given[name] ?? []) as readonly string[]), String(value)];
    else if (given[name] !== undefined && given[name] !== value) throw new Misuse(`--${name} is given twice.`);
    else given[name] = value;
  }
  return { given, words };
}

function readValue(name: FlagName, flag: Flag, value: string | undefined): string | boolean {
  if (flag.value === undefined) {
    if (value !== undefined) throw new Misuse(`--${name} takes no value.`);
    return true;
  }
  if (value === undefined || value === '') throw new Misuse(`--${name} needs a value: ${flag.meaning}.`);
  if (flag.choices?.includes(value) === false) {
    throw new Misuse(`--${name} is ${JSON.stringify(value)}; it may be ${flag.choices.join(', ')}.`);
  }
  return value;
}

function tooMany(command: Command, word: string): string {
  const hint = command.runsCommand === true ? ' Did you mean it as the command? Put -- before it.' : '';
  return `${command.name} does not know what to do with ${JSON.stringify(word)}.${hint}`;
}

/** " Did you mean --timeout?" where a name is close, else "". */
function offer(name: string, known: readonly string[]): string {
  const close = known
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .filter(({ candidate, steps }) => steps <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((one, other) => one.steps - other.steps)[0];
  if (close === undefined) return ' `seqpulse help` lists what there is.';
  return ` Did you mean ${Object.hasOwn(FLAGS, close.candidate) ? '--' : ''}${close.candidate}?`;
}

/** Levenshtein's: letters to add, drop or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
