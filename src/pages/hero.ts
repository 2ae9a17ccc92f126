import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import type { Origin } from '../report/origin.ts';
import { shortCommit } from '../report/plain.ts';
import type { Report } from '../report/report.ts';
import type { Step } from '../report/steps.ts';
import { clock, dayTime } from '../report/times.ts';
import { ICON, icon } from './icons.ts';
import { TONE_CLASS } from './tones.ts';

/** The sentence first: badge, what happened, what it is worth, where to look, what CI said. */
export function hero(report: Report, live: Piece = ''): Markup {
  const tone = TONE_CLASS[report.tone];
  return markup`<div class="hero"><p class="kick"><span class="v ${tone}">${icon(ICON[report.tone])}${report.badge}</span><span><bdi>${report.project}</bdi> #${report.number} in <bdi>${report.env}</bdi></span></p><h1>${unbroken(report.sentence)}</h1>${live}${report.later.map(({ isWorse, text }) => (isWorse ? markup`<p class="lead">${icon('at', 'at')}${text}</p>` : markup`<p class="conf">${text}</p>`))}${report.notes.map((note) => markup`<p class="conf">${note}</p>`)}${report.worth === '' ? '' : markup`<p class="conf">${report.worth}</p>`}${lookFirst(report)}${report.hints.length === 0 || report.tone === 'no-data' ? '' : markup`<p class="conf">${unbroken(report.hints.join(' '))}</p>`}${origin(report.origin)}</div>`;
}

function lookFirst({ lookFirst: first }: Report): Piece {
  if (first === null) return '';
  return markup`<p class="conf">Look first at <a href="#m-${first.key}">${first.name}</a>: ${first.text}.</p>`;
}

function origin({ version, commit, branch, actor, service, build }: Origin): Piece {
  const line = (name: string, value: Piece, hint: string | null = null) =>
    markup`<div><dt>${name}</dt><dd${hint === null ? '' : markup` title="${hint}"`}>${value}</dd></div>`;
  const lines = [
    version === null ? '' : line('Version', version, version),
    commit === null ? '' : line('Commit', markup`<code>${shortCommit(commit)}</code>`, commit),
    branch === null ? '' : line('Branch', markup`<code>${branch}</code>`, branch),
    service === null ? '' : line('Service', service, service),
    actor === null ? '' : line('By', actor, actor),
    build === null ? '' : line('Build', markup`<a href="${build.url}" rel="noreferrer">${build.host}</a>`, build.url),
  ].filter((piece) => piece !== '');
  return lines.length === 0 ? '' : markup`<dl class="line">${lines}</dl>`;
}

/** Triggered → pipeline finished → observed until → verdict; hollow and dashed where it is still to come. */
export function timeline(report: Report): Markup {
  const { steps, startedAtMs, nowMs } = report;
  const first = new Date(startedAtMs).toISOString().slice(0, 10);
  const isToday = first === new Date(nowMs).toISOString().slice(0, 10);
  const item = ({ label, atMs, note, isDone }: Step, index: number) => {
    const shown = atMs === null ? '' : index === 0 && !isToday ? dayTime(atMs, nowMs) : clock(atMs);
    const time = atMs === null ? '' : markup`<b><time datetime="${new Date(atMs).toISOString()}">${shown}</time></b>`;
    return markup`<li${isDone ? '' : markup` class="todo"`}><span>${label}</span>${time}${note === '' ? '' : markup`<i>${unbroken(note)}</i>`}</li>`;
  };
  return markup`<ol class="tl">${steps.map(item)}</ol>`;
}

/** More than this many are a bar. */
const MAX_PIPS = 8;

/** How many of how many samples there are: boxes, or a bar where there are many. */
export function pips(collected: number, expected: number): Markup {
  const label = `${collected} of ${expected} samples`;
  if (expected > MAX_PIPS) {
    const width = Math.round((Math.min(collected, expected) / Math.max(1, expected)) * 119 * 10) / 10;
    return markup`<svg class="pips" width="120" height="10" role="img" aria-label="${label}"><rect x=".5" y=".5" width="119" height="9" rx="2"/><rect class="on" x=".5" y=".5" width="${width}" height="9" rx="2"/></svg>`;
  }
  return markup`<svg class="pips" width="${expected * 14 - 4}" height="10" role="img" aria-label="${label}">${Array.from(
    { length: expected },
    (_, index) =>
      markup`<rect${index < collected ? markup` class="on"` : ''} x="${index * 14 + 0.5}" y=".5" width="9" height="9" rx="2"/>`,
  )}</svg>`;
}

/** While it is observed: how far it is, when the next sample comes, and that nothing is judged yet. */
export function liveBar(report: Report): Piece {
  const { tone, counts, finishedAtMs, observedUntilMs, dueAtMs, nowMs } = report;
  if (tone !== 'observing' || finishedAtMs === null || observedUntilMs === null) return '';
  const { collected, expected } = counts.after;
  const interval = (observedUntilMs - finishedAtMs) / Math.max(1, expected);
  const next = finishedAtMs + Math.ceil(Math.max(0, nowMs - finishedAtMs) / interval) * interval;
  const coming = next < observedUntilMs ? `Next sample ${clock(next)}. ` : 'The last readings are still being tried. ';
  const due = dueAtMs === null ? 'its time' : clock(dueAtMs).slice(0, 5);
  return markup`<div class="livebar">${pips(collected, expected)}<p>${coming}What moves now may still be chance: the verdict comes at ${due}, earlier only where a rollback can’t wait.</p></div>`;
}
