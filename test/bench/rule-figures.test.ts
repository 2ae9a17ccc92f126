import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Ablation } from '../../bench/verdict/ablation.ts';
import { ruleFigures, withRuleFigures } from '../../bench/verdict/rule-figures.ts';
import { RULES } from '../../src/verdict/rules/index.ts';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ablation = JSON.parse(textOf('bench/verdict/results/ablation.json')) as Ablation;

test.each(RULES)('$file says what was measured of $name', ({ name, file }) => {
  const { only, without } = ablation.rules[name];
  const [line = ''] = textOf(`src/verdict/rules/${file}`).split('\n');
  expect(line).toBe(ruleFigures(name, ablation));
  expect(line).toContain(
    `alone ${only.falseAlarms} false alarms on ${ablation.healthy} healthy cases, ${only.hits} of`,
  );
  expect(line).toContain(
    `; without it ${without.falseAlarms} for ${ablation.falseAlarms}, ${without.hits} for ${ablation.hits}.`,
  );
});

test('the figures cover every rule, and are written once however often they are renewed', () => {
  expect(Object.keys(ablation.rules).sort()).toEqual(RULES.map(({ name }) => name).sort());
  const text = 'export const rule = 1;\n';
  const once = withRuleFigures(text, 'leak', ablation);
  const changed = {
    ...ablation,
    rules: { ...ablation.rules, leak: { ...ablation.rules.leak, only: { falseAlarms: 9, hits: 99 } } },
  };
  expect(withRuleFigures(once, 'leak', ablation)).toBe(once);
  expect(withRuleFigures(withRuleFigures(once, 'leak', changed), 'leak', ablation)).toBe(once);
  expect(once.endsWith(`\n\n${text}`)).toBe(true);
});
