import { appendFileSync } from 'node:fs';

/** Adds a value to one of the runner's files (GITHUB_OUTPUT, GITHUB_STATE), whatever lines it has. */
export function setValue(file: string | undefined, name: string, value: string, newDelimiter: () => string): void {
  if (!file) return;
  const delimiter = `seqpulse-${newDelimiter()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}
