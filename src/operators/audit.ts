import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Actor } from '../model/operator.ts';

export interface AuditDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What came of it. */
export interface AuditedWork<Result> {
  readonly result: Result;
  /** Of what was made. */
  readonly madeId: string | null;
  /** How what was changed stood until then, by who changed it; left out: as it was seen to stand. */
  readonly before?: object | undefined;
}

/** What is done, as it is kept. */
export interface AuditedAction {
  readonly actor: Actor;
  /** Method and template: `PATCH /projects/{id}`. */
  readonly action: string;
  /** Ids, by the names of the path. */
  readonly subject: Readonly<Record<string, string>>;
  /** As it was sent; what may be secret or personal is not kept. */
  readonly body: unknown;
  /** How what is to be changed stands now, by the names of the body; left out: nothing was there. */
  readonly before?: object | null;
}

/** Fields that are neither secret nor about a person. Of every other one only that it was sent. */
const KEPT: ReadonlySet<string> = new Set([
  'name',
  'role',
  'type',
  'kind',
  'env',
  'envs',
  'events',
  'enabled',
  'observation_window_minutes',
  'finish_deadline_minutes',
  'baseline',
  'limits',
  'keep_old_hours',
  'preset',
  'selector',
  'correct',
]);

/**
 * Keeps who does what: before it is done, so that nothing can be done without a trace, and how it ended. Of what was
 * refused nothing is kept but that it was tried. Where the end can't be kept, the entry goes without: what was done is
 * done, and its answer (a key that is shown this once) is somebody's.
 *
 * @param work resolves with the status of the answer.
 */
export async function audited<Result extends { readonly status: number }>(
  deps: AuditDeps,
  { actor, action, subject, body, before }: AuditedAction,
  work: () => Promise<AuditedWork<Result>>,
  statusOf: (error: unknown) => number,
): Promise<Result> {
  const id = deps.newId();
  const told = { changes: changesOf(body), before: beforeOf(before ?? {}, body) };
  const entry = { id, at: new Date(deps.now()), actor, action, subject, ...told, status: null };
  await deps.db.audit.begin(entry);
  const settled = async (status: number, about: AuditedAction['subject'], stood?: object) => {
    const tookPlaceOf = stood === undefined ? null : beforeOf(stood, body);
    await deps.db.audit.settle(id, { status, subject: about, before: tookPlaceOf }).catch((error: unknown) => {
      deps.log.error(
        { event: 'audit_not_settled', entry_id: id, err: error },
        'how an audited action ended is not kept',
      );
    });
  };
  try {
    const { result, madeId, before: stood } = await work();
    await settled(result.status, madeId === null ? subject : { ...subject, made: madeId }, stood);
    return result;
  } catch (error) {
    await settled(statusOf(error), subject);
    throw error;
  }
}

/** What was sent, without what may be secret or name people. */
export function changesOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const changes: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(body)) {
    if (value === undefined || value === null) continue;
    changes[field] = KEPT.has(field) ? value : 'set';
  }
  return changes;
}

/** Of how it stood, the fields that were sent; without a body, which is a removal, all. Nothing secret, and no person. */
export function beforeOf(stood: object, body: unknown): Record<string, unknown> {
  const sent = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  const before: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(stood)) {
    if (!KEPT.has(field) || value === undefined) continue;
    if (sent !== null && sent[field] === undefined) continue;
    before[field] = sent === null ? value : narrowed(value, sent[field]);
  }
  return before;
}

/** Of limits only those that were sent. */
function narrowed(value: unknown, sent: unknown): unknown {
  if (!isPlain(value) || !isPlain(sent)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => sent[name] !== undefined));
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
