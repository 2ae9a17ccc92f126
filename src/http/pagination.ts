import { HttpProblem } from './problems.ts';

/** Where a page ends: the keyset of its last item (newest first). */
export interface PageKey {
  readonly at: Date;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function encodeCursor(key: PageKey): string {
  return Buffer.from(`${key.at.getTime()} ${key.id}`).toString('base64url');
}

/** Throws VALIDATION_FAILED for what was not made by `encodeCursor`. */
export function decodeCursor(cursor: string | null): PageKey | null {
  if (cursor === null) return null;
  const [time = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  // No sign: a time before PostgreSQL's calendar (4713 BC) would come back from there as an error.
  const at = new Date(/^\d{1,15}$/.test(time) ? Number(time) : Number.NaN);
  if (rest.length > 0 || Number.isNaN(at.getTime()) || !UUID.test(id)) {
    throw new HttpProblem('VALIDATION_FAILED', 'The cursor is not one that this service gave.', {
      faults: [{ path: 'query.cursor', message: 'must be the next_cursor of an earlier page' }],
    });
  }
  return { at, id };
}

/** Cuts the one item that was asked for beyond the page, which only tells whether there is a next one. */
export function toPage<Item>(
  items: readonly Item[],
  limit: number,
  keyOf: (item: Item) => PageKey,
  show: (item: Item) => object,
): { items: object[]; next_cursor: string | null } {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    next_cursor: items.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
