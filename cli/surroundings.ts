import type { Pace } from './gate/retries.ts';
import type { Environment } from './settings.ts';

/** Where text goes. */
export interface Sink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters a line; 80 where it is no terminal. */
  readonly columns: number;
}

/** All that the command line meets of the process it runs in. */
export interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly pace: Pace;
  newKey(): string;
}
