import { readFileSync } from 'node:fs';
import { sha256 } from '../../model/digest.ts';

/** Reads the style sheet of the pages, without what only its readers need. Its address changes with its text. */
export function readStylesheet(): { readonly text: string; readonly path: string } {
  const source = readFileSync(new URL('../../pages/pages.css', import.meta.url), 'utf8');
  const text = source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s*\n\s*/g, '')
    .replace(/ ?([{};]) ?/g, '$1')
    .replace(/;}/g, '}');
  return { text, path: `/ui/pages.css?v=${sha256(text).toString('base64url').slice(0, 12)}` };
}
