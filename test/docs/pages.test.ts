import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { headingSlug } from '../../grafana/kit/links.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const CODE = /^ *```.*?^ *```/gms;
const withoutCode = (text: string) => text.replace(CODE, '');

/** What a page offers to links with a fragment. */
function fragmentsOf(path: string): string[] {
  return [...withoutCode(textOf(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    headingSlug(heading.replace(/[`*]/g, '')),
  );
}

test('there are pages to look at', () => {
  expect(PAGES.length).toBeGreaterThan(20);
});

test.each(PAGES)('every link of %s to another page, a picture or a heading leads there', (page) => {
  const links = [...withoutCode(textOf(page)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  for (const link of links) {
    const [file = '', fragment] = link.split('#');
    const path = file === '' ? page : normalize(join(dirname(page), file));
    expect(existsSync(join(ROOT, path)), link).toBe(true);
    if (fragment !== undefined) expect(fragmentsOf(path), link).toContain(fragment);
  }
});

test('the onboarding guide has the same parts, tables and commands in both languages', () => {
  const [english, french] = ['docs/onboarding.md', 'docs/onboarding.fr.md'].map(textOf);
  for (const part of [/^#+ /gm, /^\|/gm, /^- /gm, /^\*\*/gm]) {
    expect(french?.match(part)?.length, String(part)).toBe(english?.match(part)?.length);
  }
  const commands = (text = '') => text.match(CODE)?.filter((block) => block.startsWith('```sh'));
  expect(commands(french)).toEqual(commands(english));
});

describe.each([
  ['docs/onboarding.md', '## Quick troubleshooting', '## The key files'],
  ['docs/onboarding.fr.md', '## Dépannage rapide', '## Les fichiers clés'],
])('%s', (page, troubleshooting, keyFiles) => {
  const section = (heading: string) => textOf(page).split(`${heading}\n`)[1]?.split(/^## /m)[0] ?? '';

  test('helps quickly with what people meet first', () => {
    const text = section(troubleshooting).replace(/\s+/g, ' ');
    expect(text).toContain('`curl http://localhost:8000/metrics`');
    expect(text).toContain('*Run query*');
    expect(text).toMatch(/(remove a final|enlever un) `;` (final )?(in|en) PromQL/);
  });

  test('lists the key files, all of which are there', () => {
    const rows = section(keyFiles).match(/^\| `.+$/gm) ?? [];
    const files = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => file !== 'environment' && !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

test.each(PAGES)('no command of %s starts TypeScript with the Node on PATH, which may be too old for it', (page) => {
  expect(textOf(page)).not.toMatch(/(?<!npx )\bnode \S+\.ts\b/);
});
