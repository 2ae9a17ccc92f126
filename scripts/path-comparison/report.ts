import type { PathComparison } from './run.ts';

/** The comparison as a table for a terminal; its last line is the count. */
export function comparisonTable({ metrics, panels, differences }: PathComparison): string {
  const width = Math.max(...metrics.map(({ name }) => name.length));
  const lines = [
    `${'metric'.padEnd(width)}  service  Collector  values`,
    ...metrics.flatMap((metric) => [
      `${metric.name.padEnd(width)}  ${String(metric.direct).padStart(7)}  ${String(metric.collector).padStart(9)}  ${
        metric.differences.length === 0 ? metric.rule : `${metric.differences.length} DIFFERENT`
      }`,
      ...metric.differences.map((difference) => `    ${difference}`),
    ]),
    '',
    'panel: its answer when the service is scraped | when the Collector is',
    ...panels.flatMap(({ expr, direct, collector, differences: different }) => [
      `${different.length === 0 ? 'same' : 'DIFFERENT'}  ${expr}`,
      `      ${answerText(direct)} | ${answerText(collector)}`,
    ]),
    '',
    `${total(metrics, 'direct')} series from the service, ${total(metrics, 'collector')} from the Collector: ${differences} differences`,
  ];
  return lines.join('\n');
}

function answerText(answer: ReadonlyMap<string, number>): string {
  return [...answer]
    .map(([labels, value]) => `${labels === '{}' ? '' : labels} ${value.toPrecision(4)}`.trim())
    .join(', ');
}

function total(metrics: PathComparison['metrics'], way: 'direct' | 'collector'): number {
  return metrics.reduce((sum, metric) => sum + metric[way], 0);
}
