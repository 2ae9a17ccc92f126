import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { OperatorsDeps } from '../operators/operators.ts';
import type { ServiceOptions } from './options.ts';

/** Hands the room of operators what it asks for. */
export function createOperatorsDeps(opened: {
  readonly db: Database;
  readonly secrets: ServiceOptions['secrets'];
  readonly log: Logger;
  readonly now: () => number;
}): OperatorsDeps {
  const { adminToken, previousAdminToken = null } = opened.secrets;
  return {
    db: opened.db,
    adminTokens: previousAdminToken === null ? [adminToken] : [adminToken, previousAdminToken],
    log: opened.log,
    now: opened.now,
    newId: randomUUID,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}
