import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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

test.each(PAGES)('no command of %s starts TypeScript with the Node on PATH, which may be too old for it', (page) => {
  expect(textOf(page)).not.toMatch(/(?<!npx )\bnode \S+\.ts\b/);
});
