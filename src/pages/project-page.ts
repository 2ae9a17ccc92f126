import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import { shortCommit } from '../report/plain.ts';
import type { Report } from '../report/report.ts';
import { ago } from '../report/times.ts';
import { NAME } from '../report/words.ts';
import { METRICS, type MetricName } from '../verdict/types.ts';
import { type ChannelSummary, channelState } from './channel-state.ts';
import { heatmap } from './heatmap.ts';
import { ICON, icon } from './icons.ts';
import { listed, marked } from './overview-page.ts';
import { shell } from './shell.ts';
import { TONE_CLASS } from './tones.ts';

export interface ProjectFilter {
  readonly env: string;
  readonly verdict: string | null;
  readonly metric: MetricName | null;
}

export interface ProjectPageInput {
  readonly project: { readonly id: string; readonly name: string; readonly envs: readonly string[] };
  readonly filter: ProjectFilter;
  /** How the environment stands, since which deployment. */
  readonly level: {
    readonly isBad: boolean;
    readonly since: { readonly id: string; readonly number: number; readonly atMs: number } | null;
  };
  /** Its newest deployments, oldest first, whatever the filter. */
  readonly recent: readonly Report[];
  /** Those of the list, newest first. */
  readonly listed: readonly Report[];
  readonly olderHref: string | null;
  /** Not the newest: the list begins further down. */
  readonly newestHref: string | null;
  readonly settings: readonly { readonly name: string; readonly value: string; readonly isBad?: boolean }[];
  /** Whether the alarms are right, as sentences. */
  readonly precision: string;
  /** What an A/A check said, or the way to one; null: nothing is kept between deployments. */
  readonly quiet: { readonly text: string; readonly href: string | null } | null;
  /** Its own notifications, and how many of the installation tell of it too. */
  readonly told: { readonly channels: readonly ChannelSummary[]; readonly ofAll: number };
  readonly nowMs: number;
  readonly stylesheet: string;
}

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
  const { since, isBad } = level;
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
    ? markup`<p class="lead">${icon('rb', 'rb')}${filter.env} is in a bad state since ${link}, ${when}. The next deployment is compared with the last good baseline.${now}</p>`
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
    origin.version === null ? '' : markup`<span class="br" title="${origin.version}">${origin.version}</span>`,
    origin.commit === null ? '' : markup`<code>${shortCommit(origin.commit)}</code>`,
    origin.branch === null ? '' : markup`<code class="br" title="${origin.branch}">${origin.branch}</code>`,
  ];
  const isCalm = tone === 'ok' || tone === 'abandoned';
  return markup`<li${isCalm ? markup` class="calm"` : ''}><span class="st ${TONE_CLASS[tone]}">${icon(ICON[tone])}${short}</span><span class="dep"><a class="go" href="/ui/deployments/${report.id}"><b>#${number}</b> ${unbroken(listed(report))}</a>${marked(report)}</span><span class="meta">${meta}</span><span class="when"><time datetime="${new Date(startedAtMs).toISOString()}">${ago(startedAtMs, nowMs)}</time></span></li>`;
}

function settings({ settings: all }: ProjectPageInput): Markup {
  return markup`<section aria-labelledby="set"><h2 id="set">Settings</h2><dl class="facts">${all.map(({ name, value, isBad }) => markup`<div><dt>${name}</dt><dd>${isBad === true ? icon('at', 'at') : ''} ${value}</dd></div>`)}</dl></section>`;
}

function trust({ precision, quiet }: ProjectPageInput): Markup {
  const check =
    quiet === null
      ? ''
      : quiet.href === null
        ? markup`<p>${quiet.text}</p>`
        : markup`<p><a href="${quiet.href}">${quiet.text}</a></p>`;
  return markup`<section id="trust" aria-labelledby="tr"><h2 id="tr">Are the verdicts right?</h2><p>${precision}</p>${check}</section>`;
}

function told({ project, told: { channels, ofAll }, nowMs }: ProjectPageInput): Markup {
  const rows = channels.map((channel) => {
    const { tone, text } = channelState(channel, nowMs);
    return markup`<div><dt>${channel.name}</dt><dd>${icon(tone, tone)} ${text}</dd></div>`;
  });
  const all =
    ofAll === 0 ? '' : ofAll === 1 ? 'One more is told of every project.' : `${ofAll} more are told of every project.`;
  const none = channels.length > 0 ? '' : ofAll === 0 ? 'Nobody is told of a bad deployment.' : '';
  const texts = [none, all].filter((text) => text !== '').join(' ');
  return markup`<section id="told" aria-labelledby="tl"><h2 id="tl">Who is told</h2>${rows.length === 0 ? '' : markup`<dl class="facts">${rows}</dl>`}${texts === '' ? '' : markup`<p>${texts}</p>`}<p><a href="/ui/projects/${project.id}/notifications">See, change and test notifications</a></p></section>`;
}
