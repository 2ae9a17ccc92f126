import type { FlagName } from './flags.ts';

/** Every command, as help, docs/cli.md and the parser know it. */
export interface Command {
  readonly name: string;
  /** What follows the name, beside flags. */
  readonly synopsis: string;
  /** A line. */
  readonly summary: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly flags: readonly FlagName[];
  /** What may stand beside flags: how many words at most, and whether a command follows `--`. */
  readonly words: number;
  readonly runsCommand?: boolean;
  readonly examples: readonly (readonly [command: string, what: string])[];
}

export const COMMON: readonly FlagName[] = ['url', 'key', 'config', 'quiet', 'help'];

const ABOUT_CI: readonly FlagName[] = [
  'branch',
  'commit',
  'commit-time',
  'build-url',
  'actor',
  'version',
  'service',
  'idempotency-key',
  'supersede',
];
const TRAFFIC: readonly FlagName[] = ['instances-before', 'instances-after', 'traffic-share'];
const GATE: readonly FlagName[] = ['fail-on', 'on-unavailable', 'on-insufficient'];
const OUT: readonly FlagName[] = ['output', 'report-file'];
const FROM_CI =
  'Branch, commit, build, actor and tag are filled in from GitHub Actions, GitLab CI, CircleCI and Jenkins, and so is a key for each attempt of a job: the same attempt, sent again, is the same deployment.';

/** In the order of their use; `group` heads them in help. */
export const COMMANDS: readonly (Command & { readonly group: string })[] = [
  {
    group: 'Around a deployment',
    name: 'run',
    synopsis: '-- COMMAND [ARGUMENT…]',
    summary: 'start, run a command, finish, wait for the verdict',
    about: [
      'The command keeps its terminal, its output and its exit code: when it fails, SeqPulse is told so and run ends at once with that code. When it succeeds, run waits for the verdict and is the gate.',
      'SIGINT and SIGTERM are passed on to the command; the deployment is then finished as cancelled, and nothing of the command goes on.',
      FROM_CI,
    ],
    flags: ['env', 'timeout', ...GATE, 'final', ...ABOUT_CI, ...TRAFFIC, 'retry-for', ...OUT],
    words: 0,
    runsCommand: true,
    examples: [
      ['seqpulse run --env prod -- ./deploy.sh', 'deploy, and fail when it made things worse'],
      ['seqpulse run --fail-on attention -- kubectl rollout restart deploy/shop', 'be strict'],
    ],
  },
  {
    group: 'Around a deployment',
    name: 'start',
    synopsis: '',
    summary: 'say that a deployment begins; prints its id',
    about: [
      'The id is the only thing on standard output. The steps that follow find it by themselves: it is handed on by $GITHUB_ENV and $GITHUB_OUTPUT, by CircleCI’s $BASH_ENV, and by the file that --dotenv names.',
      'When SeqPulse is away, or another deployment still runs in this environment, the deployment goes on unwatched: a loud line says so, and finish and wait know.',
      FROM_CI,
    ],
    flags: ['env', ...ABOUT_CI, 'on-unavailable', 'retry-for', 'dotenv', 'output'],
    words: 0,
    examples: [
      ['seqpulse start --env prod', ''],
      ['export SEQPULSE_DEPLOYMENT_ID="$(seqpulse start)"', 'in a shell'],
      ['seqpulse start --dotenv seqpulse.env', 'for GitLab’s artifacts:reports:dotenv'],
    ],
  },
  {
    group: 'Around a deployment',
    name: 'finish',
    synopsis: '[ID]',
    summary: 'say that it ended, and how',
    about: ['From now on SeqPulse observes the new version. In GitLab’s after_script the result is CI_JOB_STATUS.'],
    flags: ['id', 'result', ...TRAFFIC, 'on-unavailable', 'retry-for', 'output'],
    words: 1,
    examples: [
      ['seqpulse finish', ''],
      ['seqpulse finish --result failed', ''],
    ],
  },
  {
    group: 'Around a deployment',
    name: 'wait',
    synopsis: '[ID]',
    summary: 'wait for the verdict: the gate',
    about: [
      'One request a minute; the service answers it as soon as the verdict is stored. Grave errors or a loss of the traffic recommend a rollback before the observation is over: the gate fails at once, unless --final is given. On a terminal a line shows the samples so far and the time left; elsewhere a line is written when something changes.',
    ],
    flags: ['id', 'timeout', ...GATE, 'final', 'retry-for', ...OUT],
    words: 1,
    examples: [
      ['seqpulse wait', ''],
      ['seqpulse wait --on-unavailable fail --on-insufficient fail', 'no deployment without a verdict'],
      ['seqpulse wait -o junit --report-file seqpulse.xml', 'for the test tab of a CI'],
    ],
  },
  {
    group: 'To look, and to answer',
    name: 'show',
    synopsis: '[ID]',
    summary: 'a deployment: how it stands, its verdict and why',
    about: [],
    flags: ['id', ...OUT],
    words: 1,
    examples: [
      ['seqpulse show 6f0c2f6e-…', ''],
      ['seqpulse show -o markdown', 'to paste into a pull request'],
    ],
  },
  {
    group: 'To look, and to answer',
    name: 'list',
    synopsis: '',
    summary: 'the project’s deployments, newest first',
    about: [],
    flags: ['env', 'verdict', 'count', 'output'],
    words: 0,
    examples: [['seqpulse list --env prod --verdict rollback_recommended', '']],
  },
  {
    group: 'To look, and to answer',
    name: 'feedback',
    synopsis: '[ID] --right | --wrong',
    summary: 'say whether the verdict was right',
    about: ['What was judged bad and marked wrong counts as a good baseline again.'],
    flags: ['id', 'right', 'wrong', 'note', 'output'],
    words: 1,
    examples: [['seqpulse feedback 6f0c2f6e-… --wrong --note "a cache was cold"', '']],
  },
  {
    group: 'To look, and to answer',
    name: 'rejudge',
    synopsis: '[ID]',
    summary: 'what other limits would have said; stores nothing',
    about: [],
    flags: ['id', 'limit', ...OUT],
    words: 1,
    examples: [['seqpulse rejudge 6f0c2f6e-… --limit latency_p95_growth=0.5', '']],
  },
  {
    group: 'To set up',
    name: 'check',
    synopsis: '',
    summary: 'the doctor of the first hour: address, key, source, numbers',
    about: [
      'Says what is right, what is not, and the setting to change. Exit code 0 when a deployment could start now.',
    ],
    flags: ['env', 'output'],
    words: 0,
    examples: [['seqpulse check', '']],
  },
  {
    group: 'To set up',
    name: 'init',
    synopsis: '',
    summary: 'write seqpulse.json, and show what to put into this CI',
    about: [
      'With an operator’s token and --project it also makes the project, and shows its key: this once. The key is written nowhere.',
    ],
    flags: ['env', 'project', 'endpoint', 'admin-token'],
    words: 0,
    examples: [
      ['seqpulse init --url https://seqpulse.example.com', ''],
      ['seqpulse init --project checkout --endpoint http://10.0.0.7:9000/metrics', 'with SEQPULSE_ADMIN_TOKEN'],
    ],
  },
];

export type CommandName =
  | 'run'
  | 'start'
  | 'finish'
  | 'wait'
  | 'show'
  | 'list'
  | 'feedback'
  | 'rejudge'
  | 'check'
  | 'init';
