/** Every flag of the command line, in the order in which help shows them. */

export interface Flag {
  readonly short?: string;
  /** What stands for its value in help; absent: it is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** As help says it; what has the force of a default is in settings.ts. */
  readonly default?: string;
  /** Where it comes from when it is not given. */
  readonly env?: string;
  /** Its name in the file; absent: the file can't set it. */
  readonly file?: string;
  /** It may be given several times. */
  readonly repeats?: boolean;
  readonly meaning: string;
}

export const OUTPUTS = ['text', 'json', 'junit', 'markdown'] as const;
export const FAIL_ON = ['rollback', 'attention', 'never'] as const;
export const PASS_OR_FAIL = ['pass', 'fail'] as const;
export const RESULTS = ['success', 'failed', 'failure', 'cancelled', 'canceled', 'skipped'] as const;
export const VERDICTS = ['ok', 'attention', 'rollback_recommended', 'insufficient_data'] as const;

const table = {
  url: { value: 'URL', env: 'SEQPULSE_URL', file: 'url', meaning: 'where SeqPulse is, with http:// or https://' },
  key: {
    value: 'KEY',
    env: 'SEQPULSE_API_KEY',
    file: 'key',
    meaning: 'the project’s key (SP_…); better by its variable, for a command line can be seen by others',
  },
  env: { value: 'NAME', file: 'env', default: 'prod', meaning: 'the environment that is deployed to' },
  id: {
    value: 'ID',
    env: 'SEQPULSE_DEPLOYMENT_ID',
    meaning: 'the deployment; start hands it on, so that the later steps of a job need not name it',
  },
  result: { value: 'WORD', choices: RESULTS, default: 'success', meaning: 'how the pipeline ended' },
  timeout: {
    value: 'TIME',
    file: 'timeout',
    default: 'until the verdict is due, and 2 minutes',
    meaning: 'how long to wait for the verdict: 90s, 20m, 1h',
  },
  'fail-on': {
    value: 'WHAT',
    choices: FAIL_ON,
    default: 'rollback',
    file: 'fail_on',
    meaning: 'the mildest verdict that fails the gate',
  },
  'on-unavailable': {
    value: 'WHAT',
    choices: PASS_OR_FAIL,
    default: 'pass',
    file: 'on_unavailable',
    meaning: 'what becomes of the job when SeqPulse is away, or gives no verdict in time',
  },
  'on-insufficient': {
    value: 'WHAT',
    choices: PASS_OR_FAIL,
    default: 'pass',
    file: 'on_insufficient',
    meaning: 'what becomes of it when there is too little data to judge',
  },
  final: {
    meaning: 'wait for the final verdict, also past an early one, at which the gate fails otherwise',
  },
  'retry-for': {
    value: 'TIME',
    file: 'retry_for',
    default: '20s; 2m while waiting',
    meaning: 'how long a service that does not answer is asked again',
  },
  branch: { value: 'NAME', default: 'from the CI', meaning: 'the branch' },
  commit: { value: 'SHA', default: 'from the CI', meaning: 'the commit' },
  'commit-time': { value: 'TIME', default: 'from the CI', meaning: 'when it was committed, 2026-05-04T10:00:00Z' },
  'build-url': { value: 'URL', default: 'from the CI', meaning: 'where this build can be seen' },
  actor: { value: 'NAME', default: 'from the CI', meaning: 'who started it' },
  version: { value: 'NAME', default: 'the tag, from the CI', meaning: 'the version that is deployed' },
  service: { value: 'NAME', meaning: 'what is deployed, where a project is more than one service' },
  'idempotency-key': {
    value: 'KEY',
    default: 'one for each attempt of a job',
    meaning: 'two starts with the same key are one deployment',
  },
  supersede: { meaning: 'take the place of a deployment that still runs here: its run is dead' },
  'instances-before': { value: 'COUNT', meaning: 'instances that shared the traffic before' },
  'instances-after': { value: 'COUNT', meaning: 'instances that share it now' },
  'traffic-share': { value: 'SHARE', meaning: 'of the traffic before, what the observed application gets now, 0 to 1' },
  dotenv: { value: 'FILE', meaning: 'add SEQPULSE_DEPLOYMENT_ID to this file, for the jobs that come later' },
  right: { meaning: 'the verdict was right' },
  wrong: { meaning: 'the verdict was wrong' },
  note: { value: 'TEXT', meaning: 'why' },
  limit: {
    value: 'NAME=VALUE',
    repeats: true,
    meaning: 'a limit to judge with, such as latency_p95_growth=0.5; may be given several times',
  },
  verdict: { value: 'VERDICT', choices: VERDICTS, meaning: 'only deployments with this verdict' },
  count: { value: 'N', short: 'n', default: '20', meaning: 'how many, 200 at most' },
  project: { value: 'NAME', meaning: 'the project to make, when there is no key yet' },
  endpoint: { value: 'URL', meaning: 'where its application serves the five numbers' },
  'admin-token': {
    value: 'TOKEN',
    env: 'SEQPULSE_ADMIN_TOKEN',
    meaning: 'the operator’s token: to make a project',
  },
  output: { value: 'FORM', short: 'o', choices: OUTPUTS, default: 'text', meaning: 'the form of what is printed' },
  'report-file': {
    value: 'FILE',
    meaning: 'write that form to this file; the log then keeps its text',
  },
  config: { value: 'FILE', default: 'seqpulse.json, when it is there', meaning: 'the file with settings' },
  quiet: { short: 'q', meaning: 'only the result, warnings and faults' },
  help: { short: 'h', meaning: 'this page' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof table;

export const FLAGS: Readonly<Record<FlagName, Flag>> = table;

/** How help heads them; a command shows the groups of which it has flags. */
export const FLAG_GROUPS: readonly { readonly title: string; readonly flags: readonly FlagName[] }[] = [
  {
    title: 'The deployment',
    flags: ['env', 'id', 'result', 'supersede', 'idempotency-key', 'project', 'endpoint', 'admin-token'],
  },
  { title: 'The gate', flags: ['fail-on', 'on-insufficient', 'on-unavailable', 'timeout', 'final', 'retry-for'] },
  {
    title: 'Shown with it',
    flags: ['branch', 'commit', 'commit-time', 'build-url', 'actor', 'version', 'service'],
  },
  { title: 'The traffic', flags: ['instances-before', 'instances-after', 'traffic-share'] },
  { title: 'The answer', flags: ['right', 'wrong', 'note', 'limit', 'verdict', 'count'] },
  { title: 'The output', flags: ['output', 'report-file', 'dotenv'] },
  { title: 'Of every command', flags: ['url', 'key', 'config', 'quiet', 'help'] },
];
