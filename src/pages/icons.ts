import { type Markup, markup } from '../report/markup.ts';
import type { Tone } from '../report/words.ts';

/** Every icon, once a page; each is used by its name. */
export const SPRITE: Markup = {
  markup: `<svg class="sprite" aria-hidden="true"><symbol id="ok" viewBox="0 0 16 16"><path class="ln" d="M3.2 8.6l3.1 3.1 6.5-7.2"/></symbol><symbol id="at" viewBox="0 0 16 16"><path class="fl" d="M8 1.2c.5 0 .9.2 1.2.7l5.9 10.7c.5 1-.1 2-1.2 2H2.1c-1.1 0-1.7-1-1.2-2L6.8 1.9c.3-.5.7-.7 1.2-.7z"/><path class="ct" d="M8 5.6v4M8 11.9v.2"/></symbol><symbol id="rb" viewBox="0 0 16 16"><path class="fl" d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"/><path class="ct" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/></symbol><symbol id="no" viewBox="0 0 16 16"><circle class="ln da" cx="8" cy="8" r="6.2"/></symbol><symbol id="ab" viewBox="0 0 16 16"><path class="ln" d="M3 8h10"/></symbol><symbol id="ob" viewBox="0 0 16 16"><circle class="ln" cx="8" cy="8" r="6.2"/><path class="fl" d="M8 4v4h4a4 4 0 1 1-4-4z"/></symbol><symbol id="wr" viewBox="0 0 16 16"><path class="ln" d="M4 4l8 8M12 4l-8 8"/></symbol><symbol id="na" viewBox="0 0 16 16"><path class="ln" d="M5.5 8h5"/></symbol><symbol id="d1" viewBox="0 0 16 16"><circle class="fl" cx="8" cy="8" r="1.1"/></symbol><symbol id="d2" viewBox="0 0 16 16"><circle class="fl" cx="8" cy="8" r="2.2"/></symbol><symbol id="d3" viewBox="0 0 16 16"><circle class="fl" cx="8" cy="8" r="3.5"/></symbol></svg>`,
};

/** `ok` tick · `at` triangle · `rb` octagon · `no` dashed ring · `ab` dash · `ob` filling clock · `wr` cross · `na` short dash · `d1`–`d3` dots */
export type IconName = 'ok' | 'at' | 'rb' | 'no' | 'ab' | 'ob' | 'wr' | 'na' | 'd1' | 'd2' | 'd3';

/** An icon beside its word: nothing for a screen reader. */
export function icon(name: IconName, tone = ''): Markup {
  const style = tone === '' ? 'i' : `i ${tone}`;
  return markup`<svg class="${style}" viewBox="0 0 16 16" aria-hidden="true"><use href="#${name}"/></svg>`;
}

/** The icon of a tone, which is also its class. */
export const ICON: Record<Tone, IconName> = {
  ok: 'ok',
  attention: 'at',
  rollback: 'rb',
  'no-data': 'no',
  observing: 'ob',
  running: 'ob',
  abandoned: 'ab',
};
