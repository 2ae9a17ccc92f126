import type { Logger } from 'pino';
import { equalInConstantTime } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import { sha256 } from '../model/digest.ts';
import { ADMIN, type Operator, type OperatorRecord, type Role } from '../model/operator.ts';
import { type Refusal, refuse } from '../model/refusal.ts';

export interface OperatorsDeps {
  readonly db: Database;
  /** All that are accepted: the one of now, and for a while the one before. */
  readonly adminTokens: readonly string[];
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly randomHex: (bytes: number) => string;
}

export interface WithToken {
  readonly operator: OperatorRecord;
  /** Shown this once. */
  readonly token: string;
}

const TOKEN = /^spo_[0-9a-f]{64}$/;
const NAME_TAKEN = refuse('OPERATOR_NAME_TAKEN', 'Another operator has this name.');
const NO_OPERATOR = refuse('NOT_FOUND', 'There is no such operator.');

/** Who presents this token; null: nobody. The time that it takes says nothing about the token. */
export async function findOperator(
  deps: Pick<OperatorsDeps, 'db' | 'adminTokens' | 'now'>,
  token: string,
): Promise<Operator | null> {
  // Each is compared: which of them it was takes no less time than none.
  const isAdmin = deps.adminTokens.map((known) => equalInConstantTime(token, known)).includes(true);
  if (isAdmin) return ADMIN;
  // 256 random bits, looked up by their digest: there is nothing to learn from how long that takes.
  if (!TOKEN.test(token)) return null;
  return await deps.db.operators.findByToken(sha256(token), new Date(deps.now()));
}

/** Refuses with OPERATOR_NAME_TAKEN. */
export async function createOperator(
  deps: OperatorsDeps,
  input: { readonly name: string; readonly role: Role },
): Promise<WithToken | Refusal> {
  const token = newToken(deps);
  const operator = { id: deps.newId(), ...input, createdAt: new Date(deps.now()), lastUsedAt: null };
  if (!(await deps.db.operators.insert(operator, sha256(token)))) return NAME_TAKEN;
  deps.log.info({ event: 'operator_created', operator_id: operator.id, role: operator.role }, 'operator added');
  return { operator, token };
}

/** How it was before, and how it is now. */
export async function changeRole(
  deps: OperatorsDeps,
  id: string,
  role: Role,
): Promise<{ before: OperatorRecord; now: OperatorRecord } | Refusal> {
  return (await deps.db.operators.setRole(id, role)) ?? NO_OPERATOR;
}

/** The old token ends at once. */
export async function replaceToken(deps: OperatorsDeps, id: string): Promise<WithToken | Refusal> {
  const token = newToken(deps);
  const operator = await deps.db.operators.setToken(id, sha256(token));
  return operator === null ? NO_OPERATOR : { operator, token };
}

/** How it was. */
export async function removeOperator(deps: OperatorsDeps, id: string): Promise<OperatorRecord | Refusal> {
  const removed = await deps.db.operators.remove(id);
  if (removed === null) return NO_OPERATOR;
  deps.log.info({ event: 'operator_removed', operator_id: id }, 'operator removed');
  return removed;
}

const newToken = ({ randomHex }: Pick<OperatorsDeps, 'randomHex'>): string => `spo_${randomHex(32)}`;
