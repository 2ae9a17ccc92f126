import { yesOrNo } from './formats.ts';
import type { Setting } from './setting.ts';

/** What SeqPulse looks for beside the verdict at the end of a window: part of SETTINGS. */
export const LOOK_SETTINGS = {
  earlyRollback: {
    name: 'SEQPULSE_EARLY_ROLLBACK',
    format: yesOrNo,
    fallback: 'true',
    meaning:
      'Whether errors or a loss of the traffic may recommend a rollback before the window is over: `preliminary`, which the verdict confirms or withdraws (docs/verdict.md).',
  },
  lateChecks: {
    name: 'SEQPULSE_LATE_CHECKS',
    format: yesOrNo,
    fallback: 'true',
    meaning:
      'Whether an `ok` is looked at again an hour and a day later, where readings between deployments are kept: `late_checks` (docs/verdict.md).',
  },
  otherProjects: {
    name: 'SEQPULSE_OTHER_PROJECTS',
    format: yesOrNo,
    fallback: 'true',
    meaning:
      'Whether an alarm is looked at beside the other projects of its environment: where they explain it, the summary says so, a rollback becomes `attention`, and an early one waits (docs/verdict.md).',
  },
  detectDeployments: {
    name: 'SEQPULSE_DETECT_DEPLOYMENTS',
    format: yesOrNo,
    fallback: 'true',
    meaning:
      'Whether a version that takes requests for two minutes, and that nobody announced, is a deployment (docs/connect.md). A source alone leaves it off by `"detect": false`.',
  },
} as const satisfies Record<string, Setting>;
