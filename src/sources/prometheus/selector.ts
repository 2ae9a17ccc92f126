export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  /** As PromQL writes it, with its quotes. */
  readonly quoted: string;
  readonly value: string;
}

export type ParsedSelector =
  | { readonly ok: true; readonly selector: string; readonly matchers: readonly Matcher[] }
  | { readonly ok: false; readonly reason: string };

const MATCHER =
  /^\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\\n]|\\.)+)")\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*(,|$)/;

/**
 * Reads label matchers, `service_name="checkout",env=~"prod|live"`; braces around them and a last comma are taken too.
 * The selector goes into queries as text, so that nothing but matchers may be in it.
 */
export function parseSelector(text: string): ParsedSelector {
  const trimmed = text.trim();
  let rest = trimmed.startsWith('{') && trimmed.endsWith('}') ? trimmed.slice(1, -1).trim() : trimmed;
  const matchers: Matcher[] = [];
  while (rest !== '') {
    const found = MATCHER.exec(rest);
    if (found === null) {
      return {
        ok: false,
        reason: `must be label matchers such as service_name="checkout"; can not be read from ${quote(rest)} on`,
      };
    }
    const [whole, plain, named, operator, quoted = '""'] = found;
    matchers.push({
      label: plain ?? `"${named}"`,
      operator: operator as Matcher['operator'],
      quoted,
      value: quoted.slice(1, -1).replace(/\\(.)/g, '$1'),
    });
    rest = rest.slice(whole.length).trim();
  }
  return { ok: true, selector: matchers.map(showMatcher).join(','), matchers };
}

export function showMatcher({ label, operator, quoted }: Matcher): string {
  return `${label}${operator}${quoted}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
