import { type Markup, markup } from '../report/markup.ts';
import { channelState } from './channel-state.ts';
import { icon } from './icons.ts';
import type { ProjectPageInput } from './project-page-input.ts';

export function settings({ settings: all }: ProjectPageInput): Markup {
  return markup`<section aria-labelledby="set"><h2 id="set">Settings</h2><dl class="facts">${all.map(({ name, value, isBad }) => markup`<div><dt>${name}</dt><dd>${isBad === true ? icon('at', 'at') : ''} ${value}</dd></div>`)}</dl></section>`;
}

export function trust({ precision, quiet }: ProjectPageInput): Markup {
  const check =
    quiet === null
      ? ''
      : quiet.href === null
        ? markup`<p>${quiet.text}</p>`
        : markup`<p><a href="${quiet.href}">${quiet.text}</a></p>`;
  return markup`<section id="trust" aria-labelledby="tr"><h2 id="tr">Are the verdicts right?</h2><p>${precision}</p>${check}</section>`;
}

export function told({ project, told: { channels, ofAll }, nowMs }: ProjectPageInput): Markup {
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
