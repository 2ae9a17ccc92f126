/**
 * Something outside the program that must be put right before it can start. The message is one line for people that
 * says what is wrong and what to do, so the edge prints it as it is, without a stack. It never holds a secret.
 */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}

/** The code of a system error (`ENOENT`, `ENOSPC`, …) or of a PostgreSQL error (`57P03`, …); '' for anything else. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
