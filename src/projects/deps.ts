import type { Logger } from 'pino';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { SourceReader } from '../sources/source.ts';
import type { TestSlots } from './test-slots.ts';

export interface ProjectDeps {
  readonly db: Database;
  readonly sources: SourceReader;
  readonly secretBox: SecretBox;
  readonly testSlots: TestSlots;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly randomHex: (bytes: number) => string;
}
