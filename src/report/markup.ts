/** A piece of HTML or SVG that is complete and safe to put into another. */
export interface Markup {
  readonly markup: string;
}

export type Piece = Markup | string | number | null | undefined | false | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for content and for attributes in quotes alike. Characters that no document may hold go, and those that would turn
 * what stands after them around.
 */
export function escapeMarkup(text: string): string {
  return text.replace(NOT_ALLOWED, '').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** Control characters but tab and line ends, lone surrogates, the two that are no characters (XML 1.0), directions. */
const NOT_ALLOWED = /[\p{Cs}\uFFFE\uFFFF\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\t\n\r])[\p{Cc}]/gu;

/**
 * `` markup`<b>${text}</b>` ``: what stands in the template is markup, what is put into it is text unless it was made by
 * this function. Lists are put one after the other; null, undefined, false and '' are nothing. Attributes stand in quotes.
 */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let out = strings[0] ?? '';
  for (const [index, piece] of pieces.entries()) out += rendered(piece) + (strings[index + 1] ?? '');
  return { markup: out };
}

function rendered(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escapeMarkup(piece);
  if (typeof piece === 'number') return String(piece);
  if (isList(piece)) return piece.map(rendered).join('');
  return piece.markup;
}

const isList = (piece: Piece): piece is readonly Piece[] => Array.isArray(piece);

/** A number and its unit, and a name and its number, stay on one line. */
export function unbroken(text: string): string {
  return text
    .replace(/(\d) (?=(?:ms|s|%|pts|k\/s|M\/s|G\/s|min|h|d)(?![\w-]))/g, '$1\u00a0')
    .replace(/([+−>]) (?=\d)/g, '$1\u00a0');
}
