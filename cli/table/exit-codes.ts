/** What the exit code says; scripts and CIs go by it. */
export const EXIT = {
  passed: 0,
  gateFailed: 1,
  misused: 2,
  noVerdict: 3,
  refused: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.passed, meaning: 'passed' },
  { code: EXIT.gateFailed, meaning: 'the gate failed: the verdict is as bad as --fail-on says, or worse' },
  { code: EXIT.misused, meaning: 'a flag, a setting or what it names is wrong' },
  {
    code: EXIT.noVerdict,
    meaning:
      'no verdict in time, or SeqPulse is away; 0 with a loud warning unless --on-unavailable fail, for SeqPulse being away stops no deployment',
  },
  { code: EXIT.refused, meaning: 'SeqPulse refuses (401, 409, 423): whatever --on-unavailable says' },
];
