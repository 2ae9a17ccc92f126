import { expect, test } from 'vitest';
import { othersNote } from '../../src/report/others.ts';
import type { ReportedOthers, ReportedVerdict } from '../../src/report/wire.ts';

const NONE: ReportedOthers = { looked_at: 9, worse: 0, suspects: 0, since: null, lowered: false, projects: null };
const SINCE = '2026-11-28T10:04:50.000Z';
const project = (name: string, suspect = true) => ({ name, since: SINCE, suspect });

function note(others: Partial<ReportedOthers> | null) {
  const told = others === null ? null : { ...NONE, ...others };
  const verdict = { verdict: 'attention', confidence: 0.9, summary: '', details: [], others: told } as ReportedVerdict;
  return othersNote({ env: 'prod', verdict });
}

test.each([
  ['not looked at', null, null],
  ['nobody', { projects: [] }, null],
  [
    'somebody, without a name',
    { worse: 2, suspects: 1, since: SINCE },
    'Perhaps not this deployment: in the same minutes 1 of 9 other projects of prod got worse and may be the cause, from 10:04 UTC on.',
  ],
  [
    'the only other one',
    { looked_at: 1, worse: 1, suspects: 1, since: SINCE, lowered: true, projects: [project('cart')] },
    'Perhaps not this deployment: in the same minutes the other project of prod got worse and may be the cause: “cart” from 10:04 on (UTC). Without that a rollback would be recommended.',
  ],
  [
    'many, and who only suffers is not named',
    {
      worse: 6,
      suspects: 5,
      projects: [...['a', 'b', 'c', 'd', 'e'].map((name) => project(name)), project('f', false)],
    },
    'Perhaps not this deployment: in the same minutes 5 of 9 other projects of prod got worse and may be the cause: “a” from 10:04 on, “b” from 10:04 on, “c” from 10:04 on and 2 more (UTC).',
  ],
  [
    'who suffers with it',
    { worse: 1, since: SINCE, projects: [project('cart', false)] },
    'In the same minutes 1 of 9 other projects of prod got worse too: “cart” from 10:04 on (UTC); none is likely to be the cause.',
  ],
  [
    'a name that would write on, since nobody knows when',
    { worse: 1, suspects: 1, projects: [{ name: 'x\n\u202eAll is well', since: null, suspect: true }] },
    'Perhaps not this deployment: in the same minutes 1 of 9 other projects of prod got worse and may be the cause: “x All is well” (UTC).',
  ],
])('%s', (_who, others, told) => {
  expect(note(others)).toBe(told);
});
