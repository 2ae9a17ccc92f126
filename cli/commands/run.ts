import type { Client } from '../../client/client.ts';
import { ID_VARIABLE, UNWATCHED } from '../ci/hand-on.ts';
import { trafficFacts } from '../ci/trigger-body.ts';
import type { Outcome } from '../gate/outcome.ts';
import { loadPrograms, type RunningProgram } from '../program.ts';
import { type Context, ciClient } from './context.ts';
import { end } from './finish.ts';
import { gate } from './gate.ts';
import { reportOutcome } from './report.ts';
import { begin } from './start.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** For the command to end by itself. GitHub's runner gives 7.5 s after SIGINT, then SIGTERM, then 2.5 s. */
const GRACE_MS = 5_000;
/** After that the service is told, whether the command has ended or not. */
const TELL_AFTER_MS = 2_000;
/** Nobody waits longer for a job that is cancelled. */
const CANCEL_RETRY_MS = 3_000;

/** Starts, runs the command, finishes, and is the gate. A command that failed has its own exit code the last word. */
export async function run(context: Context): Promise<number> {
  // Mistakes are said before anything is deployed.
  trafficFacts(context.settings);
  context.settings.duration('timeout');
  const client = ciClient(context);
  const programs = await loadPrograms();
  const begun = await begin(context, client);
  if ('outcome' in begun && begun.outcome.exitCode !== 0) return begun.outcome.exitCode;
  const id = 'id' in begun ? begun.id : null;

  const { env, stdout } = context.around;
  const program = programs.run(context.args.program, {
    env: { ...env, [ID_VARIABLE]: id ?? UNWATCHED },
    isTerminal: stdout.isTTY && process.stdin.isTTY === true,
  });
  const interruption = watchSignals(program);
  const first = await Promise.race([program.ended, interruption.signalled]);
  if (typeof first === 'string') {
    await cancel(context, client, id, program);
    return programs.exitCodeOf(first);
  }
  interruption.stop();
  if (first !== 0) return await failed(context, client, id, first);
  if ('outcome' in begun) return reportOutcome(context, { ...begun.outcome, isLoud: false });
  const ended = await end(context, client, begun.id, 'success');
  return ended === null ? await gate(context, client, begun.id) : reportOutcome(context, { ...ended, isLoud: false });
}

async function failed(context: Context, client: Client, id: string | null, code: number): Promise<number> {
  context.voice.say(`the command failed with ${code}; its verdict is not waited for`);
  if (id !== null) await end(context, client, id, 'failed');
  return code;
}

/** The command gets the signal, the service the word, and nothing of the command goes on. */
async function cancel(context: Context, client: Client, id: string | null, program: RunningProgram): Promise<void> {
  const tell = async (): Promise<Outcome | null> => {
    await within(TELL_AFTER_MS, program.ended);
    return id === null ? null : await end(hurried(context), client, id, 'cancelled');
  };
  const endProgram = async () => {
    if (await within(GRACE_MS, program.ended)) return;
    program.signal('SIGKILL');
    await program.ended;
  };
  await Promise.all([tell(), endProgram()]);
  // What the command has started and left behind.
  program.signal('SIGKILL');
}

/** Whether it came within so many milliseconds; the timer keeps no process alive. */
async function within(ms: number, coming: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([coming.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function hurried(context: Context): Context {
  const { settings } = context;
  const duration: typeof settings.duration = (flag) =>
    flag === 'retry-for' ? CANCEL_RETRY_MS : settings.duration(flag);
  return { ...context, settings: { ...settings, duration } };
}

/** Passes signals on. A terminal's Ctrl-C has reached the command already; the second one ends it. */
function watchSignals(program: RunningProgram) {
  let count = 0;
  let tell: (signal: NodeJS.Signals) => void = () => {};
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    tell = resolve;
  });
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      count += 1;
      const hasHadIt = signal === 'SIGINT' && process.stdin.isTTY === true;
      if (count > 1) program.signal('SIGKILL');
      else if (!hasHadIt) program.signal(signal);
      tell(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    signalled,
    stop: () => {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    },
  };
}
