import type { ChannelTarget } from '../../model/notification.ts';
import type { Network } from '../../sources/http/visit.ts';
import type { Message } from '../message.ts';
import type { Notifier } from '../notifier.ts';
import { postJson } from './post.ts';

type Target = Extract<ChannelTarget, { readonly kind: 'slack' }>;

/** Characters that Slack takes: a header, a section's text, a field, a button's URL; fields a section. */
const MAX_HEADER = 150;
const MAX_TEXT = 3_000;
const MAX_FIELD = 2_000;
const MAX_FIELDS = 10;
const MAX_URL = 3_000;

/** Slack's incoming webhooks, and whatever takes their blocks (Mattermost, Rocket.Chat). */
export function createSlack(deps: { readonly network: Network }): Notifier<Target> {
  return {
    render: renderSlack,
    notify: async ({ body, target, signal }) =>
      await postJson(deps.network, { url: target.url, body, headers: {}, signal }),
  };
}

/** Header, sentence, the metrics that failed, what to look at first, version · commit · actor, buttons. */
export function renderSlack(message: Message): string {
  const { title, sentence, facts, notes, origin, links } = message;
  const buttons = links.filter(({ url }) => url.length <= MAX_URL);
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: cut(escapeSlack(title), MAX_HEADER), emoji: false } },
    section(sentence),
    ...(facts.length === 0
      ? []
      : [
          {
            type: 'section',
            fields: facts
              .slice(0, MAX_FIELDS)
              .map(({ name, text }) => mrkdwn(cut(`*${escapeSlack(name)}*\n${escapeSlack(text)}`, MAX_FIELD))),
          },
        ]),
    ...notes.map(section),
    ...(origin.length === 0
      ? []
      : [{ type: 'context', elements: [mrkdwn(cut(escapeSlack(origin.join(' · ')), MAX_FIELD))] }]),
    ...(buttons.length === 0
      ? []
      : [
          {
            type: 'actions',
            elements: buttons.map(({ label, url }) => ({
              type: 'button',
              text: { type: 'plain_text', text: label, emoji: false },
              url,
            })),
          },
        ]),
  ];
  // `text` is what notifications and screen readers say.
  return JSON.stringify({ text: cut(escapeSlack(`${title}: ${sentence}`), MAX_TEXT), blocks });
}

function section(text: string) {
  return { type: 'section', text: mrkdwn(cut(escapeSlack(text), MAX_TEXT)) };
}

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Slack's three control characters: without, `<!channel>` in a branch's name would call everybody. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** At most so many characters, none of them half of a pair, nor half of an escape. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&[a-z]*$|[\ud800-\udbff]$/, '')}…`;
}
