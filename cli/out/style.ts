import type { Environment } from '../settings.ts';
import type { Sink } from '../surroundings.ts';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const wrap = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string) => text;

const COLOURS: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  warn: wrap(33, 39),
  bad: wrap(31, 39),
};
export const PLAIN: Style = { bold: same, dim: same, good: same, warn: same, bad: same };

/** Colours on a terminal that has them; NO_COLOR (no-color.org) and FORCE_COLOR are heard. */
export function styleFor(sink: Sink, env: Environment): Style {
  if (env.NO_COLOR) return PLAIN;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return COLOURS;
  return sink.isTTY && env.TERM !== 'dumb' ? COLOURS : PLAIN;
}

/** Whether a line may be drawn over and over: a terminal that is looked at. */
export function isLive(sink: Sink, env: Environment): boolean {
  return sink.isTTY && env.TERM !== 'dumb' && (env.CI ?? '') === '';
}
