import type { Message } from '../message.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Characters: longer ones are cut by most readers, and folded into several lines on the wire. */
const MAX_SUBJECT = 200;

/** The sentence in the subject; the same as text and as HTML that needs nothing from elsewhere. */
export function renderMail(message: Message): RenderedMail {
  const { title, sentence, facts, notes, origin, links } = message;
  const text = [
    sentence,
    facts.map(({ name, text }) => `${name}: ${text}`).join('\n'),
    ...notes,
    origin.join(' · '),
    links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
  ];
  const html = [
    `<h1 style="font-size:18px;line-height:1.3">${escapeHtml(sentence)}</h1>`,
    facts.length === 0 ? '' : `<table style="border-collapse:collapse">${facts.map(row).join('')}</table>`,
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    origin.length === 0 ? '' : `<p style="color:#59626d">${escapeHtml(origin.join(' · '))}</p>`,
    links.length === 0
      ? ''
      : `<p>${links.map(({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`).join(' · ')}</p>`,
  ];
  return {
    subject: oneLine(`${title}: ${sentence.replace(/\.$/, '')}`).slice(0, MAX_SUBJECT),
    text: `${text.filter((part) => part !== '').join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><meta charset="utf-8"><body style="font-family:system-ui,sans-serif;color:#15181c">${html.join('')}</body></html>`,
  };
}

function row({ name, text }: Message['facts'][number]): string {
  const cell = 'style="padding:4px 16px 4px 0;text-align:left"';
  return `<tr><th ${cell}>${escapeHtml(name)}</th><td ${cell}>${escapeHtml(text)}</td></tr>`;
}

/** What a name of ours, or somebody's branch, may hold and a header may not. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
