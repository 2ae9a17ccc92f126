import { type Client, createClient } from '../../client/client.ts';
import type { Arguments } from '../arguments.ts';
import { type CiRun, detectCi } from '../ci/ci.ts';
import { ID_VARIABLE, UNWATCHED } from '../ci/hand-on.ts';
import { sayDuration } from '../durations.ts';
import type { Fault } from '../gate/faults.ts';
import type { Outcome } from '../gate/outcome.ts';
import { Misuse } from '../misuse.ts';
import { createVoice, type Voice } from '../out/voice.ts';
import { readSecret, readSettings, readUrl, type Settings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { FLAGS } from '../table/flags.ts';

/** For a request; CI is not held up. */
const REQUEST_TIMEOUT_MS = 10_000;

/** What every command works with. */
export interface Context {
  readonly args: Arguments;
  readonly settings: Settings;
  readonly around: Surroundings;
  readonly voice: Voice;
  readonly ci: CiRun | null;
  readonly newKey: () => string;
  readonly onRetry: (fault: Fault, inMs: number) => void;
  readonly hooks: Hooks;
}

/** For whoever does more than print with what a command learns: the Action. */
export interface Hooks {
  /** A deployment is watched. */
  readonly started?: (id: string) => void;
  /** How the gate ended. */
  readonly ended?: (outcome: Outcome) => void;
}

export function openContext(args: Arguments, around: Surroundings, hooks: Hooks = {}): Context {
  const settings = readSettings({ given: args.given, env: around.env, cwd: around.cwd });
  const voice = createVoice(around.stderr, around.env, settings.is('quiet'));
  return {
    args,
    settings,
    around,
    voice,
    hooks,
    ci: detectCi(around.env),
    newKey: around.newKey,
    onRetry: ({ message }, inMs) => voice.say(`${message}; asking again in ${sayDuration(inMs)}`),
  };
}

/** The one client, with CI's key. Throws Misuse when URL or key are missing. */
export function ciClient({ settings }: Context): Client {
  return createClient({ url: readUrl(settings), apiKey: readSecret(settings, 'key'), timeoutMs: REQUEST_TIMEOUT_MS });
}

/** The deployment that is meant; null: nothing is watched, start said so. Throws Misuse when none is named. */
export function deploymentId({ args, around }: Context): string | null {
  const named = args.words[0] ?? (typeof args.given.id === 'string' ? args.given.id : undefined);
  const id = (named ?? around.env[ID_VARIABLE])?.trim();
  if (id === undefined) {
    throw new Misuse(`Which deployment? Name its id, or let \`seqpulse start\` hand it on (${FLAGS.id.env}).`);
  }
  if (named === undefined && (id === '' || id === UNWATCHED)) return null;
  if (id === '') throw new Misuse('The deployment’s id is empty.');
  return id;
}
