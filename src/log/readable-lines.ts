import { inspect, styleText } from 'node:util';

export interface ReadableOptions {
  readonly colours: boolean;
}

type Entry = Readonly<Record<string, unknown>>;

/** For programs: a person looks at the message, the trace at another place. */
const LEFT_OUT = new Set(['level', 'time', 'msg', 'event', 'trace_id', 'span_id', 'err', 'url']);
const LEVELS: Readonly<Record<string, { readonly word: string; readonly style: 'red' | 'yellow' | 'dim' }>> = {
  fatal: { word: 'FATAL ', style: 'red' },
  error: { word: 'ERROR ', style: 'red' },
  warn: { word: 'WARN  ', style: 'yellow' },
  debug: { word: 'debug ', style: 'dim' },
  trace: { word: 'trace ', style: 'dim' },
};

/** A line of the log (JSON) as a person reads it: local time, the level where it is not info, the message, the rest. */
export function readableLine(line: string, { colours }: ReadableOptions): string {
  const entry = parse(line);
  if (entry === null) return line;
  const paint = (style: 'red' | 'yellow' | 'dim', text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const level = LEVELS[String(entry.level)];
  const fields = Object.entries(entry).filter(([name]) => !LEFT_OUT.has(name));
  const rest = fields.map(([name, value]) => `${name}=${oneLine(value)}`).join(' ');
  return [
    paint('dim', clockTime(String(entry.time))),
    '  ',
    level === undefined ? '' : paint(level.style, level.word),
    visible(String(entry.msg ?? entry.event ?? '')),
    rest === '' ? '' : paint('dim', `  ${rest}`),
    '\n',
    ...errorLines(entry.err).map((text) => `          ${paint('dim', text)}\n`),
  ].join('');
}

/** Whether to paint on a terminal: NO_COLOR (no-color.org) set to anything says no, and so does a dumb one. */
export function wantsColours(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

function parse(line: string): Entry | null {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Entry) : null;
  } catch {
    return null;
  }
}

function clockTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '--:--:--';
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function oneLine(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  return typeof value === 'string'
    ? visible(value)
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 3 });
}

/** What a client sends may hold the control sequences of a terminal. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  return String(stack ?? message ?? '')
    .split('\n')
    .map((line) => visible(line))
    .filter((line) => line !== '');
}
