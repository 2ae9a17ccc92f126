import { readArguments } from './arguments.ts';
import { check } from './commands/check.ts';
import { type Context, openContext } from './commands/context.ts';
import { feedback } from './commands/feedback.ts';
import { finish } from './commands/finish.ts';
import { init } from './commands/init.ts';
import { list } from './commands/list.ts';
import { rejudge } from './commands/rejudge.ts';
import { run } from './commands/run.ts';
import { show } from './commands/show.ts';
import { start } from './commands/start.ts';
import { wait } from './commands/wait.ts';
import { faultOf } from './gate/faults.ts';
import { outcomeOfFault } from './gate/outcome.ts';
import { commandPage, startPage } from './help.ts';
import { Misuse } from './misuse.ts';
import { styleFor } from './out/style.ts';
import { createVoice } from './out/voice.ts';
import ownPackage from './package.json' with { type: 'json' };
import type { Surroundings } from './surroundings.ts';
import { COMMANDS, type CommandName } from './table/commands.ts';
import { EXIT } from './table/exit-codes.ts';

const HANDLERS: Readonly<Record<CommandName, (context: Context) => Promise<number>>> = {
  run,
  start,
  finish,
  wait,
  show,
  list,
  feedback,
  rejudge,
  check,
  init,
};

/** One call of the command line: the exit code. */
export async function runCommandLine(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked === 'version') {
      around.stdout.write(`${ownPackage.version}\n`);
      return EXIT.passed;
    }
    if ('help' in asked) {
      around.stdout.write(`${helpPage(asked.help, around)}\n`);
      return EXIT.passed;
    }
    return await HANDLERS[asked.command](openContext(asked, around));
  } catch (error) {
    return sayFault(error, around);
  }
}

function helpPage(name: CommandName | null, { stdout, env }: Surroundings): string {
  const page = { style: styleFor(stdout, env), columns: stdout.columns };
  const command = COMMANDS.find((one) => one.name === name);
  return command === undefined ? startPage(ownPackage.version, page) : commandPage(command, page);
}

/** What is foreseen has a line and its code; everything else is a mistake of this program's, with its stack. */
function sayFault(error: unknown, around: Surroundings): number {
  const voice = createVoice(around.stderr, around.env, false);
  if (error instanceof Misuse) {
    voice.loud(error.message, 'error');
    return EXIT.misused;
  }
  const fault = faultOf(error);
  if (fault === null) throw error;
  // Only a gate passes when the service is away: whoever looks something up has not got it.
  const outcome = outcomeOfFault(fault, 'fail');
  voice.loud(outcome.reason, 'error');
  return outcome.exitCode;
}
