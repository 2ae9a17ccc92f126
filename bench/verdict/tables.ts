import { writeFileSync } from 'node:fs';
import { shareOf } from '../../src/verdict/wilson.ts';
import type { ReliabilityRow } from './calibration.ts';
import { SCORE_NAMES, type ScoreName, type Scores } from './scores.ts';

export const SCORE_TITLES: Record<ScoreName, string> = {
  f1: 'F1',
  precision: 'precision',
  recall: 'recall',
  falseAlarms: 'false alarms',
  falseRollback: 'false rollback',
  recallRealFaults: 'real faults',
  metricNamed: 'metric named',
  graveToRollback: 'grave→rollb.',
  precisionAtTenPercent: 'P@10%',
};

export function share(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3).replace(/^0\./, '.') : '–';
}

/** Plain text, columns aligned; the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

export function scoreHeader(first: string): string[] {
  return [first, ...SCORE_NAMES.map((name) => SCORE_TITLES[name])];
}

export function scoreRow(first: string, scores: Scores): string[] {
  return [first, ...SCORE_NAMES.map((name) => share(scores[name]))];
}

export function reliabilityTable(rows: readonly ReliabilityRow[]): string {
  const body = rows.map((row) => {
    const { low, high } = shareOf(Math.round(row.shareRight * row.count), row.count) ?? { low: 0, high: 1 };
    const holds = low <= row.meanConfidence && row.meanConfidence <= high;
    return [
      `${row.from.toFixed(2)}–${row.to.toFixed(2)}`,
      String(row.count),
      share(row.meanConfidence),
      share(row.shareRight),
      `${share(low)}–${share(high)}`,
      holds ? 'yes' : 'no',
    ];
  });
  return table([['confidence', 'verdicts', 'mean', 'share right', 'Wilson 95 %', 'holds the mean'], ...body]);
}

/** Tables by name, as JSON: what docs/verdict.md is written from. Lines and not one text, so that a change shows as such. */
export function writeFigures(path: string, tables: Readonly<Record<string, string>>): void {
  const lines = Object.fromEntries(Object.entries(tables).map(([name, text]) => [name, text.split('\n')]));
  writeFileSync(path, `${JSON.stringify(lines, null, 2)}\n`);
}
