import { hash } from 'node:crypto';

/** For looking up what must not be stored as it is: API keys, long URLs. */
export function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
