#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { MEMORY_ARGUMENTS } from './service/start-arguments.ts';

const OLDEST_NODE = 24;
/** sysexits.h: EX_USAGE, EX_UNAVAILABLE. */
const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;

const HELP = `seqpulse-server: the service SeqPulse ${packageJson.version}. It takes no arguments; its settings are environment variables.

  DATABASE_URL=postgres://user:password@host:5432/database seqpulse-server

Without DATABASE_URL it keeps an embedded PostgreSQL in .seqpulse/, where npm has installed one (its optional package).
All settings: docs/settings.md in the repository. The command line for a CI is the program seqpulse.
`;

/**
 * The package's program: the service as `npm start` runs it. Node's own arguments can't be given to a running process, so
 * this one is replaced by one that has them (same process id: signals and supervisors see one program).
 */
async function start(): Promise<void> {
  if (process.execve === undefined) {
    await import('../otel/register.ts');
    await import('./main.ts');
    return;
  }
  // Compiled, this file and those beside it end in .js.
  const file = (path: string) => new URL(path + import.meta.url.slice(-3), import.meta.url);
  const own = [...process.execArgv, ...MEMORY_ARGUMENTS, '--import', file('../otel/register').href];
  process.execve(process.execPath, [process.execPath, ...own, fileURLToPath(file('./main'))], process.env);
}

const [argument] = process.argv.slice(2);
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(`seqpulse-server: needs Node ${OLDEST_NODE} or later; this is ${process.versions.node}.\n`);
  process.exitCode = EXIT_UNAVAILABLE;
} else if (argument === '--help' || argument === '-h') {
  process.stdout.write(HELP);
} else if (argument === '--version') {
  process.stdout.write(`${packageJson.version}\n`);
} else if (argument !== undefined) {
  process.stderr.write(`seqpulse-server: takes no arguments, so not ${argument} either (--help).\n`);
  process.exitCode = EXIT_USAGE;
} else {
  await start();
}
