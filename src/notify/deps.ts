import type { Logger } from 'pino';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { Instruments } from '../model/telemetry.ts';
import type { ToldDeployment } from './message.ts';
import type { Notifiers } from './notifier.ts';

export interface NotifyDeps {
  readonly db: Database;
  readonly notifiers: Notifiers;
  readonly secretBox: SecretBox;
  /** A deployment as the API answers it, with its readings; null: it is gone. */
  readonly readDeployment: (id: string) => Promise<ToldDeployment | null>;
  readonly telemetry: Pick<Instruments, 'notificationAttempted'>;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What operators do with channels needs besides. */
export interface ChannelDeps extends NotifyDeps {
  readonly newId: () => string;
  readonly randomHex: (bytes: number) => string;
  /** Whether there is a server for mail. */
  readonly canMail: boolean;
}
