import type { z } from 'zod';
import type { AuditEntry, OperatorRecord } from '../../model/operator.ts';
import { changeRole, createOperator, removeOperator, replaceToken } from '../../operators/operators.ts';
import type { HttpDeps } from '../deps.ts';
import type { erasureBody, newOperatorBody, operatorChangeBody } from '../operator-schemas.ts';
import { orThrow, pathId } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { pageQuery } from '../schemas.ts';

type Plain = ParsedRequest<undefined, undefined>;
type WithBody<Schema extends z.ZodType> = ParsedRequest<z.output<Schema>, undefined>;

export async function listOperators(deps: HttpDeps): Promise<Reply> {
  return { status: 200, body: { items: (await deps.operators.db.operators.list()).map(showOperator) } };
}

export async function postOperator(deps: HttpDeps, request: WithBody<typeof newOperatorBody>): Promise<Reply> {
  const { operator, token } = orThrow(await createOperator(deps.operators, request.body));
  return { status: 201, body: { ...showOperator(operator), token } };
}

export async function patchOperator(deps: HttpDeps, request: WithBody<typeof operatorChangeBody>): Promise<Reply> {
  const { before, now } = orThrow(
    await changeRole(deps.operators, pathId(request.params, 'operator'), request.body.role),
  );
  return { status: 200, body: showOperator(now), before };
}

export async function postOperatorToken(deps: HttpDeps, { params }: Plain): Promise<Reply> {
  const { operator, token } = orThrow(await replaceToken(deps.operators, pathId(params, 'operator')));
  return { status: 200, body: { ...showOperator(operator), token } };
}

export async function deleteOperator(deps: HttpDeps, { params }: Plain): Promise<Reply> {
  return { status: 204, before: orThrow(await removeOperator(deps.operators, pathId(params, 'operator'))) };
}

/** Who did what, newest first. */
export async function listAudit(
  deps: HttpDeps,
  { query }: ParsedRequest<undefined, z.output<typeof pageQuery>>,
): Promise<Reply> {
  const found = await deps.operators.db.audit.list(query.limit + 1, decodeCursor(query.cursor));
  return { status: 200, body: toPage(found, query.limit, ({ at, id }) => ({ at, id }), showEntry) };
}

export async function postErasure(deps: HttpDeps, { body }: WithBody<typeof erasureBody>): Promise<Reply> {
  const erased = await deps.operators.db.transaction(
    async (tx) =>
      body.deployment_id === undefined
        ? await tx.personalData.eraseActor(body.actor ?? '')
        : await tx.personalData.eraseOfDeployment(body.deployment_id),
    { durable: true },
  );
  return { status: 200, body: erased };
}

function showOperator({ id, name, role, createdAt, lastUsedAt }: OperatorRecord): object {
  return { id, name, role, created_at: createdAt.toISOString(), last_used_at: lastUsedAt?.toISOString() ?? null };
}

function showEntry({ id, at, actor, action, subject, changes, before, status }: AuditEntry): object {
  return {
    id,
    at: at.toISOString(),
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    action,
    subject,
    changes,
    before,
    status,
  };
}
