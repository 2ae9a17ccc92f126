import { parseArgs } from 'node:util';
import { DEFAULT_LINK_BASES, type LinkBases } from './alert-catalog.ts';
import { JOBS } from './limits.ts';

/** How an installation differs from `docker compose up`: read by the generators of the rules and of the dashboards. */
export type InstallationSettings =
  | {
      readonly ok: true;
      readonly bases: LinkBases;
      /** Which jobs are the service: a regular expression of Prometheus (RE2), matched against the whole name. */
      readonly jobs: string;
      /** Where the dashboards' views are. */
      readonly kpiSchema: string;
      readonly check: boolean;
      /** The folder to write to; absent: the committed files. */
      readonly out?: string;
    }
  | { readonly ok: false; readonly fault: string };

/**
 * `--job <pattern>`, `--kpi-schema <name>`, `--grafana <url>`, `--seqpulse <url>`, `--runbooks <url>`, `--extension <.html>` and `--out <folder>`; or `--check`.
 * The committed files have the defaults, so whatever differs needs `--out`.
 */
export function readInstallationSettings(args: readonly string[]): InstallationSettings {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { ok: false, fault: (error as Error).message };
  }
  const { job, grafana, seqpulse, runbooks, extension, out, check, 'kpi-schema': kpiSchema } = values;
  const differs = [job, grafana, seqpulse, runbooks, extension, kpiSchema].some((value) => value !== undefined);
  if (differs && (out === undefined || check)) {
    return { ok: false, fault: 'the committed files keep the defaults: settings of your own need --out <folder>.' };
  }
  if (job !== undefined && !/^[^"\\`\s]+$/.test(job)) {
    return { ok: false, fault: `--job: expected a pattern without quotes, backslashes and blanks, such as ${JOBS}` };
  }
  if (kpiSchema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(kpiSchema)) {
    return { ok: false, fault: '--kpi-schema: expected lower-case letters, digits and _' };
  }
  const bases = {
    runbooks: withoutSlash(runbooks ?? DEFAULT_LINK_BASES.runbooks),
    grafana: withoutSlash(grafana ?? DEFAULT_LINK_BASES.grafana),
    seqpulse: withoutSlash(seqpulse ?? DEFAULT_LINK_BASES.seqpulse),
    extension: extension ?? DEFAULT_LINK_BASES.extension,
  };
  return {
    ok: true,
    bases,
    jobs: job ?? JOBS,
    kpiSchema: kpiSchema ?? 'kpi',
    check,
    ...(out === undefined ? {} : { out }),
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      job: { type: 'string' },
      'kpi-schema': { type: 'string' },
      grafana: { type: 'string' },
      seqpulse: { type: 'string' },
      runbooks: { type: 'string' },
      extension: { type: 'string' },
      out: { type: 'string' },
    },
  }).values;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
