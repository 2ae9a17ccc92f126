import { hash } from 'node:crypto';
import type { Attributes } from './wire/decoded.ts';

/** 48 bits: what a number holds exactly. */
const IDENTITY_HEX = 12;

/** 48 bits of all attributes, in whatever order they come. */
export function identityOf(prefix: string, attributes: Attributes): number {
  const pairs = [...attributes.keys()].sort().map((name) => `${name}\u0001${attributes.get(name)}`);
  // As text: a buffer of its own for each of some hundred thousand points a minute costs more than the digest.
  const digest = hash('sha256', `${prefix}\u0002${pairs.join('\u0002')}`, 'hex');
  return Number.parseInt(digest.slice(0, IDENTITY_HEX), 16);
}
