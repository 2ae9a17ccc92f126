import type { EventName } from '../model/notification.ts';
import { type Markup, markup, type Piece } from '../report/markup.ts';
import { dayTime } from '../report/times.ts';
import { capitalised, counted } from '../report/words.ts';
import { channelState } from './channel-state.ts';
import { icon } from './icons.ts';
import { add, change } from './notification-forms.ts';
import { shell } from './shell.ts';
import { EVENT_WORDS, KIND_WORDS, type NotificationsPageInput, type ShownChannel } from './shown-channel.ts';

const STATE_WORDS: Readonly<Record<string, string>> = {
  waiting: 'being tried',
  delivered: 'delivered',
  given_up: 'given up',
};

export function notificationsPage(page: NotificationsPageInput): string {
  const { project, channels } = page;
  const title = project === null ? 'Notifications' : `Notifications of ${project.name}`;
  const whose = project === null ? 'every project' : project.name;
  const told = channels.filter(({ enabled }) => enabled).length;
  const many = told === 0 ? 'Nobody is' : `${capitalised(counted(told))} ${told === 1 ? 'is' : 'are'}`;
  return shell({
    title,
    crumbs: [
      { text: 'Projects', href: '/' },
      ...(project === null ? [] : [{ text: project.name, href: `/ui/projects/${project.id}` }]),
      { text: 'Notifications' },
    ],
    viewer: 'operator',
    nowMs: page.nowMs,
    stylesheet: page.stylesheet,
    main: markup`<div class="head"><h1>Who is told of ${whose}</h1><p class="lead">${many} told.${
      project === null
        ? ''
        : markup` What is told of every project: <a href="/ui/notifications">notifications of the installation</a>.`
    }</p></div>${news(page)}${channels.map((channel) => one(channel, page))}${page.mayChange ? add(page) : ''}`,
  });
}

function news({ done, faults, secret }: NotificationsPageInput): Piece {
  return [
    done === null ? '' : markup`<p class="lead" role="status">${icon('ok', 'ok')} ${done}</p>`,
    faults.length === 0
      ? ''
      : markup`<div class="err" id="fault" role="alert">${icon('at')}<ul>${faults.map((fault) => markup`<li>${fault}</li>`)}</ul></div>`,
    secret === null
      ? ''
      : markup`<p class="why">The receiver checks signatures with this secret. It is shown this once:</p><pre class="cmd" tabindex="0"><code>${secret}</code></pre>`,
  ];
}

function one(channel: ShownChannel, page: NotificationsPageInput): Markup {
  const { id, name, kind, where, events, envs, enabled } = channel;
  const { tone, text } = channelState(channel, page.nowMs);
  const fact = (term: string, value: Piece) => markup`<div><dt>${term}</dt><dd>${value}</dd></div>`;
  return markup`<section class="told" id="n-${id}" aria-labelledby="h-${id}"><h2 id="h-${id}">${name}</h2><dl class="facts">${[
    fact('State', [icon(tone, tone), ' ', text]),
    fact(KIND_WORDS[kind], where),
    fact('Tells of', events.map((event) => EVENT_WORDS[event]).join(', ')),
    fact('Environments', envs === null ? 'all' : envs.join(', ')),
  ]}</dl>${
    page.mayChange
      ? markup`<div class="acts">${button(page, id, 'test', 'Send a test')}${button(page, id, enabled ? 'off' : 'on', enabled ? 'Switch off' : 'Switch on')}${kind === 'webhook' ? button(page, id, 'secret', 'New secret') : ''}${button(page, id, 'remove', 'Remove')}</div>`
      : ''
  }${sent(channel, page.nowMs)}${page.mayChange ? change(channel, page) : ''}</section>`;
}

function button({ action }: NotificationsPageInput, id: string, act: string, word: string): Markup {
  return markup`<form method="post" action="${action}"><input type="hidden" name="channel" value="${id}"><button name="act" value="${act}">${word}</button></form>`;
}

/** Unfolded where something fails: that is what one comes for. */
function sent({ id, name, messages, failingSinceMs }: ShownChannel, nowMs: number): Markup {
  if (messages.length === 0) return markup`<p class="none">Nothing was sent yet.</p>`;
  const rows = messages.map(({ event, env, state, failedAttempts, lastError, occurredAtMs, deploymentId }) => {
    const what = EVENT_WORDS[event as EventName] ?? event;
    const named = deploymentId === null ? what : markup`<a href="/ui/deployments/${deploymentId}">${what}</a>`;
    const tries = failedAttempts === 0 ? '' : `, ${failedAttempts} ${failedAttempts === 1 ? 'try' : 'tries'} failed`;
    const tone = state === 'given_up' ? 'at' : state === 'delivered' ? 'ok' : 'ob';
    return markup`<tr><th scope="row">${dayTime(occurredAtMs, nowMs)}</th><td>${named}${env === null ? '' : markup`, <bdi>${env}</bdi>`}</td><td><span class="st ${tone}">${icon(tone)}${STATE_WORDS[state] ?? state}</span>${tries}</td><td class="wrap">${lastError ?? ''}</td></tr>`;
  });
  return markup`<details class="fold"${failingSinceMs === null ? '' : markup` open`}><summary>What was sent <span>${messages.length === 1 ? 'one message' : `the newest ${messages.length}`}</span></summary><div class="scroll" role="region" aria-label="Sent by ${name}" tabindex="0"><table id="s-${id}"><thead><tr><th scope="col">When</th><th scope="col">Of what</th><th scope="col">Came to</th><th scope="col">Last error</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}
