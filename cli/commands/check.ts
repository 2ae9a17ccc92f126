import type { OwnEnvironmentShape, OwnProjectShape } from '../../client/types.ts';
import { type Fault, faultOf, NotSeqPulse } from '../gate/faults.ts';
import { outcomeOfFault } from '../gate/outcome.ts';
import { level } from '../out/levels.ts';
import { styleFor } from '../out/style.ts';
import { readUrl } from '../settings.ts';
import { EXIT } from '../table/exit-codes.ts';
import { type Context, ciClient } from './context.ts';
import { formOf } from './report.ts';

/** One thing that a deployment needs. */
interface Finding {
  readonly what: string;
  readonly isRight: boolean;
  /** What is so; where it is wrong, also what to change. */
  readonly says: string;
}

/** Everything that a deployment needs, looked at from here, one after the other; stops at what the rest needs. */
export async function check(context: Context): Promise<number> {
  const { findings, exitCode } = await examine(context);
  const { around } = context;
  if (formOf(context) === 'json') {
    const shown = findings.map(({ what, isRight, says }) => ({ what, ok: isRight, says }));
    around.stdout.write(`${JSON.stringify({ ok: exitCode === EXIT.passed, findings: shown }, null, 2)}\n`);
    return exitCode;
  }
  const style = styleFor(around.stdout, around.env);
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, isRight, says } of findings) {
    around.stdout.write(`${isRight ? style.good('✔') : style.bad('✖')} ${what.padEnd(width)}  ${says}\n`);
  }
  around.stdout.write(exitCode === EXIT.passed ? '\nA deployment can start.\n' : '\nThat comes first.\n');
  return exitCode;
}

async function examine(
  context: Context,
): Promise<{ readonly findings: readonly Finding[]; readonly exitCode: number }> {
  const url = readUrl(context.settings);
  const asked = await ciClient(context)
    .project()
    .then(checked)
    .catch((error: unknown) => faultOf(error) ?? Promise.reject(error));
  if ('kind' in asked) {
    return { findings: faultFindings(url, asked), exitCode: outcomeOfFault(asked, 'fail').exitCode };
  }
  const findings = [right('address', url), right('key', `of project ${asked.name}`)];
  const name = context.settings.text('env') ?? 'prod';
  const environment = asked.environments.find(({ env }) => env === name);
  if (environment === undefined) {
    const known = asked.envs.join(', ');
    return stop(findings, wrong('environment', `the project has no ${name}; --env may be ${known}`));
  }
  findings.push(right('environment', name));
  if (!environment.source_active) {
    const next =
      'no source is active: an operator sets one by PUT /projects/{id}/endpoint (or /source) and tests it, see docs/connect.md';
    return stop(findings, wrong('source', next));
  }
  findings.push(right('source', `${environment.source_type}, active`));
  const numbers = numbersFinding(environment);
  return numbers.isRight ? { findings: [...findings, numbers], exitCode: EXIT.passed } : stop(findings, numbers);
}

function numbersFinding({ last_error: error, last_read_at: at, last_reading: reading }: OwnEnvironmentShape): Finding {
  if (error !== null && (at === null || error.at >= at)) {
    return wrong('numbers', `the last try to read them failed at ${error.at}: ${error.error}`);
  }
  if (reading === null) return right('numbers', 'not read yet: the first deployment does');
  return right('numbers', `${level(reading)} (read ${reading.collected_at})`);
}

function faultFindings(url: string, { kind, message }: Fault): Finding[] {
  if (kind === 'away') return [wrong('address', `${message}: check --url (${url}) and that SeqPulse runs`)];
  return [
    right('address', url),
    wrong('key', `${message} Check SEQPULSE_API_KEY; POST /projects/{id}/api-key makes another.`),
  ];
}

function checked(project: OwnProjectShape): OwnProjectShape {
  if (typeof project === 'object' && project !== null && Array.isArray(project.environments)) return project;
  throw new NotSeqPulse('it answered 200, but not as SeqPulse does');
}

const right = (what: string, says: string): Finding => ({ what, isRight: true, says });
const wrong = (what: string, says: string): Finding => ({ what, isRight: false, says });
const stop = (findings: readonly Finding[], last: Finding) => ({
  findings: [...findings, last],
  exitCode: EXIT.misused,
});
