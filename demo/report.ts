import type { DeployedVerdict } from './deployment.ts';

const WIDTH = 96;

/** A table of verdicts, the reasons wrapped below their row. */
export function verdictTable(verdicts: readonly DeployedVerdict[]): string {
  const lines = [`${'project'.padEnd(12)}${'verdict'.padEnd(24)}confidence`, '─'.repeat(WIDTH)];
  for (const { project, verdict, confidence, summary } of verdicts) {
    lines.push(`${project.padEnd(12)}${verdict.padEnd(24)}${confidence.toFixed(2)}`);
    for (const line of wrap(summary, WIDTH - 12)) lines.push(' '.repeat(12) + line);
  }
  return lines.join('\n');
}

/** The service's own series as they were scraped, without comments, zero buckets and runtime metrics. */
export function seqpulseSeries(exposition: string): string {
  return exposition
    .split('\n')
    .filter((line) => line.startsWith('seqpulse_') && !line.includes('_bucket{'))
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
