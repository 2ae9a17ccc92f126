import type { Given } from '../cli/arguments.ts';
import { Misuse } from '../cli/misuse.ts';
import type { Environment } from '../cli/settings.ts';
import { FAIL_ON, PASS_OR_FAIL } from '../cli/table/flags.ts';

const COMMANDS = ['run', 'start', 'finish', 'wait'] as const;
const COMMENTS = ['true', 'false', 'failures'] as const;

export interface Inputs {
  readonly command: (typeof COMMANDS)[number];
  readonly url: string;
  readonly apiKey: string;
  /** Of command `run`. */
  readonly script: string;
  readonly comment: (typeof COMMENTS)[number];
  readonly githubToken: string;
  readonly summary: boolean;
  readonly result: string;
  /** What the command line is given. */
  readonly given: Given;
  /** The deployment's id, when it was named. */
  readonly words: readonly string[];
}

/** The runner's way: `api-key` is INPUT_API-KEY. Throws Misuse for what an input can't be. */
export function readInputs(env: Environment): Inputs {
  const get = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const oneOf = <Word extends string>(name: string, words: readonly Word[], usual: Word): Word => {
    const value = (get(name) || usual).toLowerCase();
    const found = words.find((word) => word === value);
    if (found === undefined)
      throw new Misuse(`${name} is ${JSON.stringify(get(name))}; it may be ${words.join(', ')}.`);
    return found;
  };
  const needed = (name: string): string => {
    const value = get(name);
    if (value === '') throw new Misuse(`${name} is empty: a secret or variable of that name may be missing here.`);
    return value;
  };
  const command = oneOf('command', COMMANDS, 'run');
  const script = env.INPUT_RUN ?? '';
  if (command === 'run' && script.trim() === '') throw new Misuse('command run needs the script that deploys, in run.');
  const minutes = get('timeout-minutes');
  if (minutes !== '' && !/^\d+(\.\d+)?$/.test(minutes)) {
    throw new Misuse(`timeout-minutes is ${JSON.stringify(minutes)}; it must be a number.`);
  }
  const waits = command === 'run' || command === 'wait';
  const url = needed('url');
  const apiKey = needed('api-key');
  return {
    command,
    url,
    apiKey,
    script,
    comment: oneOf('comment', COMMENTS, 'failures'),
    githubToken: get('github-token'),
    summary: oneOf('summary', ['true', 'false'], 'true') === 'true',
    result: get('result'),
    words: command === 'finish' || command === 'wait' ? [get('deployment-id')].filter(Boolean) : [],
    given: {
      url,
      key: apiKey,
      'on-unavailable': oneOf('on-unavailable', PASS_OR_FAIL, 'pass'),
      ...(command === 'run' || command === 'start' ? { env: get('env') || 'prod' } : {}),
      ...(command === 'finish' ? { result: resultOf(get('result')) } : {}),
      ...(waits ? { 'fail-on': oneOf('fail-on', FAIL_ON, 'rollback') } : {}),
      ...(waits ? { 'on-insufficient': oneOf('on-insufficient', PASS_OR_FAIL, 'pass') } : {}),
      ...(waits && minutes !== '' ? { timeout: `${minutes}m` } : {}),
    },
  };
}

/** The words of `job.status` are the service's own; nothing is a success. */
const resultOf = (status: string): string => status.toLowerCase() || 'success';
