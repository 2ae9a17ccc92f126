import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const textOf = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
const [english, french] = [textOf('panels.md'), textOf('panels.fr.md')];

interface Section {
  readonly heading: string;
  readonly text: string;
}

/** Dashboards and panels in their order, each with its text. */
function sectionsOf(page: string): Section[] {
  return page
    .split(/^(?=#{2,3} )/m)
    .slice(1)
    .map((section) => ({ heading: section.split('\n')[0] ?? '', text: section.slice(section.indexOf('\n')).trim() }));
}

const ofHeading = new Map(sectionsOf(french).map(({ heading, text }) => [heading, text]));
/** What must not be lost or changed by translation. A French number has a comma. */
const PARTS = {
  'code spans': (text: string) => text.match(/`[^`]+`/g) ?? [],
  links: (text: string) => text.match(/\]\([^)]+\)/g) ?? [],
  numbers: (text: string) =>
    (text.replace(/`[^`]+`|\]\([^)]+\)|\*\*[^*]+\*\*/g, ' ').match(/\d+([.,]\d+)?/g) ?? []).map((number) =>
      number.replace(',', '.'),
    ),
} as const;
const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

test('the French page has the dashboards and panels of the English one, in their order', () => {
  const headings = sectionsOf(french).map(({ heading }) => heading);
  expect(headings).toEqual(sectionsOf(english).map(({ heading }) => heading));
  expect(headings.length).toBeGreaterThan(50);
});

test.each(sectionsOf(english))('$heading has in French its code, links and numbers', ({ heading, text }) => {
  const translated = ofHeading.get(heading) ?? '';
  for (const [what, find] of Object.entries(PARTS)) expect(sorted(find(translated)), what).toEqual(sorted(find(text)));
});

test.each(sectionsOf(english).filter(({ heading }) => heading.startsWith('### ')))(
  '$heading says in French how to read it, why it can be empty and what to check',
  ({ heading, text }) => {
    const panel = heading.slice(4).split(' · ')[0] ?? '';
    const parts = [
      'Comment le lire.',
      'Pourquoi il peut être vide, et comment l’alimenter.',
      `Si le panneau ${panel} se dégrade, vérifier :`,
    ];
    const translated = ofHeading.get(heading) ?? '';
    const said = (page: string, labels: readonly string[]) =>
      labels.map((label) => page.split(`**${label}**`)[1]?.split('\n')[0]?.trim() ?? '');
    const original = said(text, [
      'How to read it.',
      'Why it can be empty, and how to feed it.',
      'If it degrades, check:',
    ]);
    said(translated, parts).forEach((part, index) => {
      // French is longer: what is much shorter has lost a sentence.
      expect(part.length, parts[index]).toBeGreaterThan(0.75 * (original[index]?.length ?? 0));
      expect(part).not.toBe(original[index]);
    });
  },
);
