import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import { shortCommit } from '../report/plain.ts';
import type { Report } from '../report/report.ts';
import { ago } from '../report/times.ts';
import { NAME } from '../report/words.ts';
import { METRICS } from '../verdict/types.ts';
import { heatmap } from './heatmap.ts';
import { ICON, icon } from './icons.ts';
import { listed, marked } from './overview-page.ts';
import type { ProjectPageInput } from './project-page-input.ts';
import { settings, told, trust } from './project-sections.ts';
import { shell } from './shell.ts';
import { TONE_CLASS } from './tones.ts';

export function projectPage(page: ProjectPageInput): string {
  const { project, nowMs, stylesheet } = page;
  return shell({
    title: project.name,
    crumbs: [{ text: 'Projects', href: '/' }, { text: project.name }],
    viewer: 'operator',
    nowMs,
    stylesheet,
    main: markup`<div class="head"><h1>${project.name}</h1>${state(page)}</div>${map(page)}${list(page)}<div class="three">${settings(page)}${trust(page)}${told(page)}</div>`,
  });
}

/** A page of this project, filtered; parameters that are null stay away. */
export function projectHref(id: string, parameters: Readonly<Record<string, string | null>>, hash = ''): string {
  const query = Object.entries(parameters)
    .flatMap(([name, value]) => (value === null || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
  return `/ui/projects/${id}${query === '' ? '' : `?${query}`}${hash}`;
}

function state({ level, filter, nowMs, recent }: ProjectPageInput): Piece {
  const { since, isBad, comparedWith } = level;
  const next = comparedWith === null ? '' : ` The next deployment is compared with ${comparedWith}.`;
  const open = recent.findLast(({ tone }) => tone === 'observing' || tone === 'running');
  const now =
    open === undefined
      ? ''
      : markup` <a href="/ui/deployments/${open.id}">#${open.number}</a> is ${open.tone === 'running' ? 'being deployed' : 'being observed'}.`;
  if (since === null) {
    const text =
      recent.length === 0 ? `No deployment in ${filter.env} yet.` : `Nothing in ${filter.env} got worse lately.`;
    return markup`<p class="lead">${text}${now}</p>`;
  }
  const link = markup`<a href="/ui/deployments/${since.id}">#${since.number}</a>`;
  const when = ago(since.atMs, nowMs);
  return isBad
    ? markup`<p class="lead">${icon('rb', 'rb')}${filter.env} is in a bad state since ${link}, ${when}.${next}${now}</p>`
    : markup`<p class="lead">${icon('ok', 'ok')}${filter.env} is in a good state since ${link}, ${when}.${now}</p>`;
}

function map({ project, recent, filter, nowMs }: ProjectPageInput): Piece {
  if (recent.length === 0) return '';
  const { env } = filter;
  return heatmap({
    reports: recent,
    env,
    nowMs,
    metricHref: (metric) => projectHref(project.id, { env, metric }, '#deps'),
    fromHref: ({ number }) => projectHref(project.id, { env, from: String(number) }, '#deps'),
  });
}

const VERDICTS = [
  ['', 'all'],
  ['rollback_recommended', 'rollback recommended'],
  ['attention', 'attention'],
  ['ok', 'ok'],
  ['insufficient_data', 'not enough data'],
] as const;

function list(page: ProjectPageInput): Markup {
  const { project, filter, listed: reports, olderHref, newestHref } = page;
  const option = (value: string, text: string, selected: string | null) =>
    markup`<option value="${value}"${value === (selected ?? '') ? markup` selected` : ''}>${text}</option>`;
  const none =
    filter.verdict === null && filter.metric === null ? 'No deployment here.' : 'No deployment fits this filter.';
  const pager = [
    newestHref === null ? '' : markup`<a href="${newestHref}">Newest deployments</a>`,
    olderHref === null ? '' : markup`<a href="${olderHref}">Older deployments</a>`,
  ].filter((piece) => piece !== '');
  return markup`<section aria-labelledby="deps"><div class="bar"><h2 id="deps">Deployments</h2><form class="filter" method="get" action="/ui/projects/${project.id}#deps"><label>Environment<select name="env">${project.envs.map((env) => option(env, env, filter.env))}</select></label><label>Verdict<select name="verdict">${VERDICTS.map(([value, text]) => option(value, text, filter.verdict))}</select></label><label>Failed metric<select name="metric">${option('', 'any or none', filter.metric)}${METRICS.map((metric) => option(metric, NAME[metric], filter.metric))}</select></label><button>Filter</button></form></div>${
    reports.length === 0
      ? markup`<p class="none pager">${none}</p>`
      : markup`<ol class="deps">${reports.map((report) => row(report, page.nowMs))}</ol>`
  }${pager.length === 0 ? '' : markup`<p class="pager">${pager.map((piece, index) => (index === 0 ? piece : markup` · ${piece}`))}</p>`}</section>`;
}

function row(report: Report, nowMs: number): Markup {
  const { tone, short, number, origin, startedAtMs } = report;
  const meta = [
    report.isDetected ? markup`<span title="Found by its version; nobody announced it">found</span>` : '',
    origin.version === null ? '' : markup`<span class="br" title="${origin.version}">${origin.version}</span>`,
    origin.commit === null ? '' : markup`<code>${shortCommit(origin.commit)}</code>`,
    origin.branch === null ? '' : markup`<code class="br" title="${origin.branch}">${origin.branch}</code>`,
  ];
  const isCalm = tone === 'ok' || tone === 'abandoned';
  return markup`<li${isCalm ? markup` class="calm"` : ''}><span class="st ${TONE_CLASS[tone]}">${icon(ICON[tone])}${short}</span><span class="dep"><a class="go" href="/ui/deployments/${report.id}"><b>#${number}</b> ${unbroken(listed(report))}</a>${marked(report)}</span><span class="meta">${meta}</span><span class="when"><time datetime="${new Date(startedAtMs).toISOString()}">${ago(startedAtMs, nowMs)}</time></span></li>`;
}
