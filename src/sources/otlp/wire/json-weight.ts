import { MOST, UnreadableBody } from './decoded.ts';

/** Values, lists and objects in one body: each costs some 50 bytes once it is parsed. 10,000 histograms are 500,000. */
const MAX_VALUES = 500_000;
/** Of one text: nothing that is kept is as long. */
const MAX_TEXT_BYTES = 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const isOpen = (byte: number) => byte === 0x5b || byte === 0x7b;
const isClose = (byte: number) => byte === 0x5d || byte === 0x7d;

/**
 * Looks at JSON before it is parsed: a body of `[[[[…` or `[{},{},…` becomes thirty times as large in memory, and a text is
 * copied whole. Throws UnreadableBody for one that is too deep, of too many values, or with too long a text. What is no JSON
 * the parser says.
 */
export function weighJson(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at += 1;
      const start = at;
      while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      if (at - start > MAX_TEXT_BYTES) throw new UnreadableBody(`a text of more than ${MAX_TEXT_BYTES} bytes`);
    } else if (byte === COMMA) values += 1;
    else if (isOpen(byte)) {
      values += 1;
      depth += 1;
      if (depth > MOST.depth) throw new UnreadableBody(`nested more than ${MOST.depth} deep`);
    } else if (isClose(byte)) depth -= 1;
    if (values > MAX_VALUES) throw new UnreadableBody(`more than ${MAX_VALUES} values in one request`);
  }
}
