import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import type { Report } from '../report/report.ts';
import { ago, duration, hourMinute } from '../report/times.ts';
import { capitalised, counted } from '../report/words.ts';
import type { VerdictName } from '../verdict/types.ts';
import { firstSteps } from './first-steps.ts';
import { pips } from './hero.ts';
import { ICON, icon } from './icons.ts';
import { shell } from './shell.ts';
import { strip, stripKey } from './strip.ts';
import { TONE_CLASS } from './tones.ts';

export interface OverviewEnvironment {
  readonly projectId: string;
  readonly project: string;
  readonly env: string;
  /** Of its newest deployments, oldest first. */
  readonly verdicts: readonly VerdictName[];
  /** The newest that has come to its end; null: there was none. */
  readonly last: Report | null;
  /** The one that runs or is observed now. */
  readonly open: Report | null;
}

export interface OverviewPageInput {
  /** By project and name: places stay put. */
  readonly environments: readonly OverviewEnvironment[];
  /** Only those that somebody should look at are shown. */
  readonly isOnlyBad: boolean;
  /** Many enough for a choice between the two. */
  readonly isLarge: boolean;
  /** More than are ever listed. */
  readonly isCut: boolean;
  readonly nowMs: number;
  readonly stylesheet: string;
  readonly publicUrl: string;
}

const reportHref = (report: Report): string => `/ui/deployments/${report.id}`;
const projectHref = ({ projectId, env }: OverviewEnvironment): string =>
  `/ui/projects/${projectId}?env=${encodeURIComponent(env)}`;

/** Got worse, and nobody has said that it did not. */
export function isBad({ last }: OverviewEnvironment): boolean {
  const isAlarm = last?.tone === 'attention' || last?.tone === 'rollback';
  return isAlarm && last.feedback?.correct !== false;
}

/** Bad, not judged, or under way. */
export function wantsLook(environment: OverviewEnvironment): boolean {
  return isBad(environment) || environment.last?.tone === 'no-data' || environment.open !== null;
}

export function overviewPage(page: OverviewPageInput): string {
  const { environments, nowMs, stylesheet } = page;
  const isEmpty = environments.length === 0;
  return shell({
    title: 'Projects',
    crumbs: [{ text: 'Projects' }],
    viewer: 'operator',
    nowMs: isEmpty ? null : nowMs,
    stylesheet,
    main: isEmpty ? firstSteps(page.publicUrl) : body(page),
  });
}

function body(page: OverviewPageInput): Markup {
  const { environments, isOnlyBad, isLarge, isCut } = page;
  const shown = isOnlyBad ? environments.filter(wantsLook) : environments;
  const projects = Map.groupBy(shown, ({ projectId }) => projectId);
  return markup`<div class="head"><h1>${headline(environments)}</h1>${lead(environments)}${isLarge ? choice(page, shown.length) : ''}</div>${[...projects.values()].map((group) => project(group, page))}${
    shown.length === 0 ? '' : stripKey()
  }${isCut ? markup`<p class="after">These are the first ${environments.length} environments. The API lists them all.</p>` : ''}<p class="after"><a href="/ui/notifications">Who is told of every project</a></p>`;
}

function headline(environments: readonly OverviewEnvironment[]): string {
  const bad = environments.filter(isBad).length;
  const all = environments.length;
  const of = `${counted(all)} ${all === 1 ? 'environment' : 'environments'}`;
  if (bad > 0) return all === 1 ? 'The environment got worse.' : `${capitalised(counted(bad))} of ${of} got worse.`;
  return environments.every(({ last }) => last === null)
    ? `No deployment has been judged yet in ${of}.`
    : `Nothing got worse in ${of}.`;
}

const MAX_NAMED = 5;

function lead(environments: readonly OverviewEnvironment[]): Piece {
  const bad = environments.filter(isBad);
  const open = environments.flatMap(({ open: report }) => (report === null ? [] : [report]));
  const names = (list: readonly OverviewEnvironment[], what: string) => {
    if (list.length === 0) return null;
    const links = list.slice(0, MAX_NAMED).map(({ last, project, env }, index) => {
      const link = markup`<a href="${last === null ? '/' : reportHref(last)}"><bdi>${project}</bdi> <bdi>${env}</bdi></a>`;
      return index === 0 ? link : markup`, ${link}`;
    });
    const more = list.length - MAX_NAMED;
    return markup`${links}${more > 0 ? ` and ${more} more` : ''} ${what}`;
  };
  const alarms = [
    names(
      bad.filter(({ last }) => last?.tone === 'rollback'),
      'should be rolled back',
    ),
    names(
      bad.filter(({ last }) => last?.tone === 'attention'),
      'should be looked at',
    ),
    names(
      environments.filter(({ last }) => last?.tone === 'no-data'),
      'could not be judged',
    ),
  ].filter((piece) => piece !== null);
  const first: Piece = alarms.map((piece, index) => (index === 0 ? piece : markup`; ${piece}`));
  const observed = watched(open);
  if (alarms.length === 0 && observed === '') return '';
  return markup`<p class="lead">${first}${alarms.length > 0 ? '. ' : ''}${observed}</p>`;
}

function watched(open: readonly Report[]): string {
  if (open.length === 0) return '';
  const due = open.flatMap(({ dueAtMs }) => (dueAtMs === null ? [] : [dueAtMs]));
  const first = due.length === 0 ? null : Math.min(...due);
  const many = open.length === 1 ? 'One deployment is' : `${capitalised(counted(open.length))} deployments are`;
  const when =
    first === null ? '' : `, ${open.length === 1 ? 'its verdict is' : 'the first verdict is'} due ${hourMinute(first)}`;
  return `${many} being observed${when}.`;
}

function choice({ environments, isOnlyBad }: OverviewPageInput, shown: number): Markup {
  const rest = environments.length - shown;
  return isOnlyBad
    ? markup`<p class="choice">Shown are the ${shown} that somebody should look at. <a href="/?show=all">Show all ${environments.length}</a>${rest > 0 ? `, the ${rest} calm ones too` : ''}.</p>`
    : markup`<p class="choice">Shown are all ${environments.length}. <a href="/?show=bad">Show only those that somebody should look at</a>.</p>`;
}

function project(group: readonly OverviewEnvironment[], { nowMs }: OverviewPageInput): Piece {
  const first = group[0];
  if (first === undefined) return '';
  const id = `p-${first.projectId}`;
  return markup`<section class="proj" aria-labelledby="${id}"><h2 id="${id}"><a href="/ui/projects/${first.projectId}">${first.project}</a></h2><ol class="envs">${group.map((environment) => row(environment, nowMs))}</ol></section>`;
}

function row(environment: OverviewEnvironment, nowMs: number): Markup {
  const { env, last, open, verdicts } = environment;
  const isCalm = last !== null && (last.tone === 'ok' || (!isBad(environment) && last.tone !== 'no-data'));
  const state =
    last === null
      ? markup`<span class="st no"><span class="dim">–</span></span>`
      : markup`<span class="st ${TONE_CLASS[last.tone]}">${icon(ICON[last.tone])}${last.short}</span>`;
  const what =
    last === null
      ? markup`<span class="dim">No ${open === null ? 'deployment' : 'verdict'} yet</span>`
      : markup`<a class="go" href="${reportHref(last)}"><b>#${last.number}</b> ${unbroken(listed(last))}</a>${marked(last)}`;
  const when =
    last === null
      ? ''
      : markup`<time datetime="${new Date(last.startedAtMs).toISOString()}">${ago(last.startedAtMs, nowMs)}</time>`;
  return markup`<li${isCalm ? markup` class="calm"` : ''}><a class="en" href="${projectHref(environment)}">${env}</a>${state}<span class="what">${what}${open === null ? '' : now(open, nowMs)}</span><span class="ver"${last?.origin.version == null ? '' : markup` title="${last.origin.version}"`}>${last?.origin.version ?? ''}</span><span class="when">${when}</span>${strip(verdicts)}</li>`;
}

/** "Not judged" stands in the column before it. */
export function listed({ tone, headline }: Report): string {
  if (tone !== 'no-data' && tone !== 'abandoned') return headline;
  return capitalised(headline.replace(/^Not judged: /, ''));
}

/** What a later look and what somebody said of the verdict; nothing where nobody did. */
export function marked({ feedback, later }: Report): Piece {
  const said = [
    later.some(({ isWorse }) => isWorse) ? 'worse since' : '',
    feedback === null ? '' : `marked ${feedback.correct ? 'right' : 'wrong'}`,
  ].filter((text) => text !== '');
  return said.map((text) => markup` <span class="said">${text}</span>`);
}

function now(open: Report, nowMs: number): Markup {
  const { collected, expected } = open.counts.after;
  const left = open.dueAtMs === null || open.dueAtMs <= nowMs ? '' : ` ${duration(open.dueAtMs - nowMs)} left`;
  const how = open.tone === 'running' ? 'is being deployed' : 'being observed ';
  return markup`<a class="now" href="${reportHref(open)}">${icon('ob', 'ob')}<b>#${open.number}</b> ${how}${open.tone === 'running' ? '' : pips(collected, expected)}${unbroken(left)}</a>`;
}
