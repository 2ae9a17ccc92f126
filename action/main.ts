import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Misuse } from '../cli/misuse.ts';
import { annotationText } from '../cli/out/voice.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { EXIT } from '../cli/table/exit-codes.ts';
import { readInputs } from './inputs.ts';
import { mainStep, postStep } from './steps.ts';

const sink = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTTY: false,
  columns: 100,
});
const around: Surroundings = {
  env: process.env,
  cwd: process.cwd(),
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
  pace: { now: () => performance.now(), sleep: async (ms) => await sleep(ms), random: Math.random },
  newKey: randomUUID,
};

/** The same file is the step and what follows the job: the runner hands the step's state to the second. */
async function main(): Promise<number> {
  const { env, stdout } = around;
  if (env.STATE_isPost === 'true') {
    const id = env.STATE_deploymentId;
    const said = id ? await postStep(readInputs(env), id) : null;
    if (said !== null) stdout.write(`::notice title=SeqPulse::${annotationText(said)}\n`);
    return EXIT.passed;
  }
  if (env.GITHUB_STATE) appendFileSync(env.GITHUB_STATE, 'isPost=true\n');
  const inputs = readInputs(env);
  stdout.write(`::add-mask::${inputs.apiKey}\n`);
  return await mainStep(inputs, around);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  around.stdout.write(`::error title=SeqPulse::${annotationText(error.message)}\n`);
  process.exitCode = EXIT.misused;
}
