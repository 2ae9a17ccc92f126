import { joined } from './figures.ts';
import { type MetricReport, told } from './metric-report.ts';
import { calm, shortCommit } from './plain.ts';
import type { Report } from './report.ts';

/** The report as plain text, for a mail's body or a terminal without colours. Lines end in \n. */
export function textOf(report: Report): string {
  const lines = [
    `${report.badge}: ${report.project} #${report.number} in ${report.env}`,
    '',
    report.sentence,
    ...sentences(report),
    '',
    ...metricLines(report.metrics),
    '',
    originText(report),
    report.url ?? '',
  ];
  const kept = lines.map((line) => calm(line).trimEnd());
  return `${kept
    .filter((line, index) => line !== '' || kept[index - 1] !== '')
    .join('\n')
    .trim()}\n`;
}

/** What follows the report's sentence: what it is worth, where to look first, what else must be known. */
export function sentences(report: Report): string[] {
  const { lookFirst } = report;
  return [
    report.worth,
    lookFirst === null ? '' : `Look first at ${lookFirst.name}: ${lookFirst.text} (UTC).`,
    ...report.hints,
    ...report.later.map(({ text }) => text),
    ...report.notes,
  ].filter((text) => text !== '');
}

/** One line a metric, in columns: `✖ p95 latency   182 ms → 583 ms   +400 ms (+337 to +472 ms), matters from +65.5 ms`. */
export function metricLines(metrics: readonly MetricReport[]): string[] {
  const rows = metrics.map((metric) => [
    metric.severity === 'critical' ? '✖' : metric.severity === 'attention' ? '▲' : ' ',
    metric.name,
    valuesOf(metric),
    changeOf(metric),
  ]);
  const width = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  const [names, values] = [width(1), width(2)];
  return rows.map(([mark = '', name = '', value = '', change = '']) =>
    `${mark} ${name.padEnd(names)}  ${value.padEnd(values)}  ${change}`.trimEnd(),
  );
}

function valuesOf({ before, after, outcome }: MetricReport): string {
  if (before === null && after === null) return 'nothing read';
  if (outcome === 'open' && after === null) return before === null ? '' : `${joined(before)} before`;
  return `${told(before)} → ${told(after)}`;
}

function changeOf({ outcome, change, interval, matters }: MetricReport): string {
  if (outcome === 'not-judged') return 'not judged';
  if (change === null) return '';
  return `${change}${interval === null ? '' : ` (${interval})`}${matters === null ? '' : `, matters from ${matters}`}`;
}

/** `2.41.2 · c6ef362 · release/2.41 · ci-deploy`: what CI said, shortest first. */
export function originText({ origin }: Report): string {
  const { version, commit, branch, actor } = origin;
  return [version, commit === null ? null : shortCommit(commit), branch, actor]
    .filter((text) => text !== null)
    .map(calm)
    .join(' · ');
}

/** A mail's subject or a check's title: `Rollback: checkout #128 in prod: p95 latency rose …`. One line. */
export function subjectOf(report: Report): string {
  return calm(`${report.title}: ${report.headline}`);
}
