import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../../src/verdict/rules/index.ts';

/** What rules share, and the list itself. */
const NO_RULES = ['by-level.ts', 'index.ts', 'rule.ts', 'visited.ts'];

test('every rule is in the list with its file, and no file is left out of it', () => {
  const files = readdirSync(new URL('../../src/verdict/rules', import.meta.url));
  expect(RULES.map(({ file }) => file).sort()).toEqual(files.filter((file) => !NO_RULES.includes(file)).sort());
  for (const { name, file } of RULES) expect(file).toBe(`${name.replaceAll('_', '-')}.ts`);
});
