import { frameOf } from '../report/frame.ts';
import { type Markup, markup, type Piece } from '../report/markup.ts';
import type { Report } from '../report/report.ts';
import { clock, dayTime } from '../report/times.ts';
import { type AgainInput, againHtml } from './again.ts';
import { hero, liveBar, timeline } from './hero.ts';
import { icon } from './icons.ts';
import { type LimitsFormInput, limitsForm } from './limits-form.ts';
import { key, metricsHtml } from './metrics-html.ts';
import { samplesTable } from './samples-table.ts';
import { shell } from './shell.ts';
import { TONE_CLASS } from './tones.ts';

export interface ReportPageInput {
  readonly report: Report;
  readonly viewer: 'operator' | 'link';
  readonly stylesheet: string;
  readonly projectHref: string;
  /** Of this page: itself, as Markdown, as a picture, as JSON; with the link's signature where that let one in. */
  readonly paths: { readonly page: string; readonly markdown: string; readonly svg: string; readonly json: string };
  readonly signInHref: string;
  /** Another deployment's report; null: whoever looks may not open it. */
  readonly hrefOf: ((id: string) => string) | null;
  /** Reads after the deployment that failed for good. */
  readonly failedReads: readonly {
    readonly dueAtMs: number;
    /** null: not known. */
    readonly tries: number | null;
    readonly answer: string;
  }[];
  /** What to do about a verdict that could not be given; '' where nothing is to be done. */
  readonly next: Piece;
  /** Seconds until the page loads itself again; null: it does not. */
  readonly reloadSeconds: number | null;
  readonly liveHref: { readonly on: string; readonly off: string } | null;
  /** null: whoever looks may not judge again, or there is nothing to judge. */
  readonly limits: LimitsFormInput | null;
  readonly again: AgainInput | null;
  readonly againRefused: string | null;
  /** null: whoever looks may not mark it. */
  readonly feedbackAction: string | null;
  readonly curl: string;
}

export function reportPage(page: ReportPageInput): string {
  const { report, viewer } = page;
  const isOperator = viewer === 'operator';
  return shell({
    title: `${report.short}: ${report.project} #${report.number}`,
    crumbs: [
      isOperator ? { text: 'Projects', href: '/' } : null,
      isOperator ? { text: report.project, href: page.projectHref } : { text: report.project },
      { text: `${report.env} #${report.number}` },
    ].filter((crumb) => crumb !== null),
    viewer,
    nowMs: report.nowMs,
    ...footerOf(page),
    stylesheet: page.stylesheet,
    signInHref: page.signInHref,
    main: article(page),
  });
}

function article(page: ReportPageInput): Markup {
  const { report } = page;
  const frame = frameOf(report);
  return markup`<article class="rep is-${TONE_CLASS[report.tone]}">${hero(report, liveBar(report))}${timeline(report)}<div class="cols"><div class="mainc">${page.again === null ? '' : againHtml(page.again)}${
    page.againRefused === null
      ? ''
      : markup`<p class="err" id="again" role="alert">${icon('at')}${page.againRefused}</p>`
  }${tried(page)}${metricsHtml(report, frame)}${key(report)}${samplesTable(report)}${page.limits === null ? '' : limitsForm(page.limits)}</div>${aside(page)}</div></article>`;
}

function tried({ failedReads, report, next }: ReportPageInput): Piece {
  const { failedReads: tries } = report;
  const sum =
    tries === null || report.tone !== 'no-data'
      ? ''
      : markup`<p>${tries.tries === 1 ? 'One try' : `${tries.tries} tries`} failed, the last at ${clock(tries.lastAtMs)}: ${tries.last}.</p>`;
  const hint = next === '' ? '' : markup`<p class="next">${next}</p>`;
  if (failedReads.length === 0)
    return markup`${sum === '' ? '' : markup`<section><h2>What was tried</h2>${sum}</section>`}${hint}`;
  const rows = failedReads.map(
    ({ dueAtMs, tries: count, answer }) =>
      markup`<tr><th scope="row">${new Date(dueAtMs).toISOString().slice(0, 10) === new Date(report.startedAtMs).toISOString().slice(0, 10) ? clock(dueAtMs) : dayTime(dueAtMs, report.nowMs)}</th><td>${count ?? ''}</td><td class="wrap">${answer}</td></tr>`,
  );
  return markup`<section><h2>What was tried</h2><div class="scroll" role="region" aria-label="Reads" tabindex="0"><table><thead><tr><th scope="col">Due</th><th scope="col">Tries</th><th scope="col">Last answer</th></tr></thead><tbody>${rows}</tbody></table></div>${sum}${hint}</section>`;
}

function aside(page: ReportPageInput): Markup {
  return markup`<aside>${feedback(page)}${compared(page)}${leftOut(page.report)}${machines(page)}</aside>`;
}

function feedback({ report, feedbackAction }: ReportPageInput): Piece {
  const { feedback: given, tone, nowMs } = report;
  const isJudged = tone === 'ok' || tone === 'attention' || tone === 'rollback';
  if (!isJudged) return '';
  const said =
    given === null
      ? null
      : `Marked ${given.correct ? 'right' : 'wrong'} on ${dayTime(given.givenAtMs, nowMs)}${given.note === null || given.note === '' ? '' : `: “${given.note}”`}.`;
  if (feedbackAction === null) {
    return said === null
      ? ''
      : markup`<section aria-labelledby="fb"><h2 id="fb">Was this verdict right?</h2><p class="why">${said}</p></section>`;
  }
  const button = (value: boolean, word: string) =>
    markup`<button name="correct" value="${String(value)}" aria-pressed="${String(given?.correct === value)}">${icon(value ? 'ok' : 'wr')}${word}</button>`;
  return markup`<section aria-labelledby="fb"><h2 id="fb">Was this verdict right?</h2><form class="fb" method="post" action="${feedbackAction}"><div>${button(true, 'Right')}${button(false, 'Wrong')}</div>${said === null ? '' : markup`<p class="why" role="status">${said} A later word replaces it.</p>`}<label>Note, if you like<input name="note" maxlength="500" autocomplete="off"></label></form></section>`;
}

function compared({ report, hrefOf }: ReportPageInput): Piece {
  const { text, since } = report.compared;
  if (text === '') return '';
  const number = since === null ? '' : `#${since.number}`;
  const which = since !== null && hrefOf !== null ? markup`<a href="${hrefOf(since.id)}">${number}</a>` : number;
  return markup`<section><h2>Compared with</h2><p>${text}${since === null ? '' : markup` ${report.env} was in a good state since ${which}.`}</p></section>`;
}

function leftOut(report: Report): Piece {
  if (report.summary === null) return '';
  return markup`<section><h2>Left out</h2>${report.leftOut.length === 0 ? markup`<p>Nothing: every sample counts.</p>` : markup`<ul>${report.leftOut.map((text) => markup`<li>${text}</li>`)}</ul>`}</section>`;
}

function machines({ paths, curl }: ReportPageInput): Markup {
  return markup`<section class="mach"><h2>For machines</h2><p><a href="${paths.json}">JSON</a> <a href="${paths.markdown}">Markdown</a> <a href="${paths.svg}">Picture</a></p><pre class="cmd" tabindex="0"><code>${curl}</code></pre><p class="hint">One click selects the command.</p></section>`;
}

function footerOf({ liveHref, reloadSeconds }: ReportPageInput): { footer?: Piece } {
  if (liveHref === null) return {};
  return reloadSeconds === null
    ? {
        footer: markup`All times UTC. This page does not reload itself. <a href="${liveHref.on}">Reload by itself</a>.`,
      }
    : {
        footer: markup`All times UTC. This page reloads itself every ${reloadSeconds} s. <a href="${liveHref.off}">Stop reloading</a>.`,
      };
}
