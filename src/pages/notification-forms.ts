import { CHANNEL_KINDS, type ChannelKind, DEFAULT_EVENTS, EVENTS, type EventName } from '../model/notification.ts';
import { type Markup, markup } from '../report/markup.ts';
import { EVENT_WORDS, KIND_WORDS, type NotificationsPageInput, type ShownChannel } from './shown-channel.ts';

export function change(channel: ShownChannel, { action }: NotificationsPageInput): Markup {
  const { id, name, kind, whereSet, events, envs } = channel;
  return markup`<details class="fold"><summary>Change</summary><form class="lim" method="post" action="${action}"><input type="hidden" name="channel" value="${id}">${field('name', 'Name', name)}${where(kind, whereSet)}${field('envs', 'Environments, with commas; blank: all', envs?.join(', ') ?? '')}${choices(events)}<button name="act" value="change">Save</button></form></details>`;
}

export function where(kind: ChannelKind, value: string): Markup {
  return kind === 'mail'
    ? field('where', 'Addresses, with commas', value)
    : field('where', 'Another URL; blank: as it is', '');
}

export function add({ action, canMail, faults }: NotificationsPageInput): Markup {
  const kinds = CHANNEL_KINDS.filter((kind) => kind !== 'mail' || canMail);
  return markup`<details class="fold"${faults.length > 0 ? markup` open` : ''}><summary>Tell somebody else <span>a webhook, Slack${canMail ? ' or by mail' : '; for mail set SEQPULSE_SMTP_URL'}</span></summary><form class="lim" method="post" action="${action}"><label>How<select name="type">${kinds.map((kind) => markup`<option value="${kind}">${KIND_WORDS[kind]}</option>`)}</select></label>${field('where', canMail ? 'URL, or addresses with commas' : 'URL', '', true)}${field('name', 'Name; blank: by where it leads', '')}${field('envs', 'Environments, with commas; blank: all', '')}${choices(DEFAULT_EVENTS)}<button class="pri" name="act" value="add">Add</button></form></details>`;
}

export function field(name: string, label: string, value: string, isRequired = false): Markup {
  return markup`<label>${label}<input name="${name}" value="${value}" autocomplete="off" maxlength="4000"${isRequired ? markup` required` : ''}></label>`;
}

function choices(chosen: readonly EventName[]): Markup {
  return markup`<fieldset class="ticks"><legend>Tell of</legend>${EVENTS.map((event) => markup`<label><input type="checkbox" name="event.${event}" value="on"${chosen.includes(event) ? markup` checked` : ''}>${EVENT_WORDS[event]}</label>`)}</fieldset>`;
}
