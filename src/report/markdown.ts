import { joined } from './figures.ts';
import { type MetricReport, told } from './metric-report.ts';
import { calm, shortCommit } from './plain.ts';
import type { Report } from './report.ts';
import { clock, dayTime } from './times.ts';

const MARK: Record<Report['tone'], string> = {
  ok: '✔',
  attention: '▲',
  rollback: '✖',
  'no-data': '○',
  observing: '◔',
  running: '◔',
  abandoned: '–',
};

/**
 * The report for pull requests and chats: a heading, the proof, a table of the five numbers. What came from outside is
 * text and stays text, whatever characters it has.
 */
export function markdownOf(report: Report): string {
  const { url } = report;
  const parts = [
    `### ${MARK[report.tone]} ${report.badge}: ${escaped(report.project)} #${report.number} in ${escaped(report.env)}`,
    `**${escaped(report.sentence)}**`,
    escaped(report.worth),
    [lookFirst(report), ...report.hints.map(escaped)].filter((text) => text !== '').join(' '),
    ...report.later.map(({ text }) => escaped(text)),
    ...report.notes.map(escaped),
    table(report.metrics),
    report.metrics
      .filter(({ basis, outcome }) => basis !== '' && outcome !== 'not-judged')
      .map(({ name, basis }) => `${name}: ${basis}`)
      .join(' '),
    report.leftOut.length === 0 ? '' : `Left out: ${escaped(report.leftOut.join('; '))}.`,
    originLine(report),
    url === null ? '' : `[Report](${linkTarget(url)})`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function lookFirst({ lookFirst: first }: Report): string {
  return first === null ? '' : `Look first at ${escaped(first.name)}: ${first.text} (UTC).`;
}

/** Five rows: before → after, the change and how sure it is, from where on it matters. '' where nothing was read. */
export function table(metrics: readonly MetricReport[]): string {
  if (metrics.every(({ before, after }) => before === null && after === null)) return '';
  const isJudged = metrics.some(({ outcome }) => outcome !== 'open');
  const head = isJudged
    ? ['| | Before → after | Change | 95 % interval | Matters from |', '|---|--:|--:|--:|--:|']
    : ['| | Before | Now |', '|---|--:|--:|'];
  return [...head, ...metrics.map((metric) => (isJudged ? judgedRow(metric) : openRow(metric)))].join('\n');
}

function judgedRow(report: MetricReport): string {
  const { outcome, severity, before, after } = report;
  const name = escaped(report.name);
  const mark = severity === 'critical' ? '✖ ' : severity === 'attention' ? '▲ ' : '';
  const values = `${told(before)} → ${told(after)}`;
  const [shownName, shown] = outcome === 'failed' ? [`**${mark}${name}**`, `**${values}**`] : [name, values];
  if (outcome === 'not-judged') return `| ${shownName} | ${shown} | not judged | | |`;
  return `| ${shownName} | ${shown} | ${report.change ?? ''} | ${report.interval ?? ''} | ${report.matters ?? ''} |`;
}

function openRow({ name, before, after }: MetricReport): string {
  return `| ${escaped(name)} | ${before === null ? '' : joined(before)} | ${after === null ? '' : joined(after)} |`;
}

function originLine({ origin, startedAtMs, nowMs, steps }: Report): string {
  const verdict = steps.find(({ label }) => label === 'Verdict');
  return [
    origin.version === null ? '' : `version ${code(origin.version)}`,
    origin.commit === null ? '' : `commit ${code(shortCommit(origin.commit))}`,
    origin.branch === null ? '' : `branch ${code(origin.branch)}`,
    origin.actor === null ? '' : `by ${escaped(origin.actor)}`,
    origin.build === null ? '' : `[build](${linkTarget(origin.build.url)})`,
    `${dayTime(startedAtMs, nowMs)}${typeof verdict?.atMs === 'number' ? `, verdict ${clock(verdict.atMs)}` : ''} UTC`,
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

/** Marks of Markdown, HTML and mentions lose their meaning; new lines and characters that turn text around go. */
export function escaped(text: string): string {
  return calm(text)
    .replace(/[\\`*_{}[\]()#+!|~>-]/g, (mark) =>
      mark === '-' || mark === '(' || mark === ')' || mark === '+' ? mark : `\\${mark}`,
    )
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/:\/\//g, ':\u200b//')
    .replace(/www\./gi, (found) => `${found.slice(0, -1)}\u200b.`);
}

/** A code span that its text can't end. */
function code(text: string): string {
  const inside = calm(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(1 + Math.max(0, ...(inside.match(/`+/g) ?? []).map((run) => run.length)));
  return ticks.length === 1 ? `\`${inside}\`` : `${ticks} ${inside} ${ticks}`;
}

/** In a link's target nothing may end it. */
function linkTarget(url: string): string {
  return calm(url).replace(
    /[()<>\s\\|`*[\]]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}
