import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hooks, openContext } from '../cli/commands/context.ts';
import { finish } from '../cli/commands/finish.ts';
import { run } from '../cli/commands/run.ts';
import { start } from '../cli/commands/start.ts';
import { wait } from '../cli/commands/wait.ts';
import type { Outcome } from '../cli/gate/outcome.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { createClient } from '../client/client.ts';
import { commentOutcome } from './comment.ts';
import { setValue } from './files.ts';
import type { Inputs } from './inputs.ts';

const STEPS = { run, start, finish, wait };

/** The step itself: the command line's own command, and what GitHub is told besides. Resolves with the exit code. */
export async function mainStep(inputs: Inputs, around: Surroundings): Promise<number> {
  const { env, newKey } = around;
  const output = (name: string, value: string) => setValue(env.GITHUB_OUTPUT, name, value, newKey);
  const state = (name: string, value: string) => setValue(env.GITHUB_STATE, name, value, newKey);
  let ended: Outcome | null = null;
  const hooks: Hooks = {
    started: (id) => {
      output('deployment-id', id);
      // For the post step: it finishes what a job that died has left.
      state('deploymentId', id);
    },
    ended: (outcome) => {
      ended = outcome;
    },
  };
  const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), 'seqpulse-'));
  try {
    const program = inputs.command === 'run' ? scriptProgram(folder, inputs.script) : [];
    const { GITHUB_STEP_SUMMARY: _, ...withoutSummary } = env;
    const own = { ...around, env: inputs.summary ? env : withoutSummary };
    const args = { command: inputs.command, given: inputs.given, words: inputs.words, program };
    const code = await STEPS[inputs.command](openContext(args, own, hooks));
    const outcome = ended as Outcome | null;
    if (outcome === null) return code;
    for (const [name, value] of Object.entries(outputsOf(outcome))) output(name, value);
    const said = await commentOutcome(outcome, inputs, env, Date.now());
    if (said !== null) around.stderr.write(`seqpulse ${said}\n`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the runner runs a `run` with `shell: bash`. */
function scriptProgram(folder: string, script: string): string[] {
  const path = join(folder, 'deploy.sh');
  writeFileSync(path, script);
  return ['bash', '--noprofile', '--norc', '-eo', 'pipefail', path];
}

/** The action's outputs of a gate. */
export function outputsOf({ deployment, reason, isEarly = false }: Outcome): Readonly<Record<string, string>> {
  const verdict = (isEarly ? deployment?.preliminary : deployment?.verdict) ?? null;
  const failed = (verdict?.details ?? [])
    .filter(({ severity }) => severity !== 'none')
    .map(({ metric, name }) => name ?? metric);
  return {
    ...(deployment === null ? {} : { 'deployment-id': deployment.id }),
    verdict: verdict?.verdict ?? '',
    early: String(isEarly),
    confidence: verdict === null ? '' : String(verdict.confidence),
    summary: verdict?.summary ?? reason,
    'report-url': deployment?.html_url ?? '',
    'failed-metrics': JSON.stringify(failed),
    json: JSON.stringify(deployment),
  };
}

/** For the post step; its job is over. */
const POST_TIMEOUT_MS = 5_000;

/**
 * Finishes the deployment of a job that died before it could. A job that went well and has not finished it has handed it
 * on to another one. Resolves with what to say; null: nothing was left.
 */
export async function postStep(inputs: Inputs, id: string): Promise<string | null> {
  if (inputs.result === 'success' && inputs.command === 'start') return null;
  const client = createClient({ url: inputs.url, apiKey: inputs.apiKey, timeoutMs: POST_TIMEOUT_MS });
  try {
    const { state } = await client.deployment(id);
    if (state !== 'running') return null;
    const result = inputs.result === '' || inputs.result === 'success' ? 'cancelled' : inputs.result;
    const { message } = await client.finish({ deployment_id: id, result });
    return `the job ended before its deployment was finished: it is finished as ${result}. ${message}`;
  } catch (error) {
    return `the deployment could not be finished: ${error instanceof Error ? error.message : error}`;
  }
}
