import { type Markup, markup } from '../report/markup.ts';
import type { VerdictName } from '../verdict/types.ts';

const WORD: Record<VerdictName, string> = {
  ok: 'ok',
  attention: 'attention',
  rollback_recommended: 'rollback',
  insufficient_data: 'no data',
};
const BAR: Record<VerdictName, { readonly style: string; readonly height: number }> = {
  ok: { style: 'ok', height: 5 },
  attention: { style: 'at', height: 13 },
  rollback_recommended: { style: 'rb', height: 24 },
  insufficient_data: { style: 'no', height: 5 },
};
export const STRIP_LENGTH = 20;
const PITCH = 8;
const WIDTH = STRIP_LENGTH * PITCH - 2;

/** The last verdicts as bars, newest on the right; @param verdicts oldest first. */
export function strip(verdicts: readonly VerdictName[]): Markup {
  const shown = verdicts.slice(-STRIP_LENGTH);
  const label =
    shown.length === 0
      ? 'No verdicts yet'
      : `Last ${shown.length} verdicts, oldest first: ${shown.map((verdict) => WORD[verdict]).join(', ')}`;
  const bars = shown.map((verdict, index) => {
    const x = (STRIP_LENGTH - shown.length + index) * PITCH;
    const { style, height } = BAR[verdict];
    return verdict === 'insufficient_data'
      ? markup`<rect class="no" x="${x + 0.5}" y="19.5" width="5" height="4"/>`
      : markup`<rect class="${style}" x="${x}" y="${24 - height}" width="6" height="${height}"/>`;
  });
  return markup`<svg class="strip" width="${WIDTH}" height="24" viewBox="0 0 ${WIDTH} 24" role="img" aria-label="${label}">${bars}<path class="base" d="M0 24h${WIDTH}"/></svg>`;
}

/** What the bars mean. */
export function stripKey(): Markup {
  const sign = (y: number, height: number, style: string, word: string) =>
    markup`<span><svg class="k" viewBox="0 0 16 10" aria-hidden="true"><rect class="${style}" x="5" y="${y}" width="6" height="${height}"/></svg>${word}</span>`;
  return markup`<p class="key">${sign(5, 5, 'ok', 'ok')}${sign(-3, 13, 'at', 'attention')}${sign(-10, 20, 'rb', 'rollback')}<span><svg class="k" viewBox="0 0 16 10" aria-hidden="true"><rect class="no" x="5.5" y="5.5" width="5" height="4"/></svg>no data</span><span>The last ${STRIP_LENGTH} verdicts, newest on the right.</span></p>`;
}
