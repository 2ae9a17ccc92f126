import type { PathComparison } from './run.ts';

/** The comparison as a table for a terminal; its last line is the count. */
export function comparisonTable({ otherWay, metrics, panels, differences }: PathComparison): string {
  const other = otherWay === 'collector' ? 'the Collector' : 'Prometheus’ OTLP receiver';
  const width = Math.max(...metrics.map(({ name }) => name.length));
  const lines = [
    `${'metric'.padEnd(width)}    scraped  otherwise  values`,
    ...metrics.flatMap((metric) => [
      `${metric.name.padEnd(width)}  ${String(metric.direct).padStart(7)}  ${String(metric.other).padStart(9)}  ${
        metric.differences.length === 0 ? metric.rule : `${metric.differences.length} DIFFERENT`
      }`,
      ...metric.differences.map((difference) => `    ${difference}`),
    ]),
    '',
    `panel: its answer when the service is scraped | when the numbers come by ${other}`,
    ...panels.flatMap(({ expr, direct, other: otherwise, differences: different }) => [
      `${different.length === 0 ? 'same' : 'DIFFERENT'}  ${expr}`,
      `      ${answerText(direct)} | ${answerText(otherwise)}`,
    ]),
    '',
    `${total(metrics, 'direct')} series from the service, ${total(metrics, 'other')} by ${other}: ${differences} differences`,
  ];
  return lines.join('\n');
}

function answerText(answer: ReadonlyMap<string, number>): string {
  return [...answer]
    .map(([labels, value]) => `${labels === '{}' ? '' : labels} ${value.toPrecision(4)}`.trim())
    .join(', ');
}

function total(metrics: PathComparison['metrics'], way: 'direct' | 'other'): number {
  return metrics.reduce((sum, metric) => sum + metric[way], 0);
}
