import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Actor } from '../../src/model/operator.ts';
import { type AuditDeps, audited } from '../../src/operators/audit.ts';

const ACTOR: Actor = { kind: 'admin_token', id: null, name: 'admin token' };
const ACTION = { actor: ACTOR, action: 'POST /projects/{id}/api-key', subject: { id: 'p' }, body: {} };

/** An audit trail whose table is there when something begins and gone when it ends. */
function trail(logged: Record<string, unknown>[]): AuditDeps {
  const audit = {
    begin: async () => {},
    settle: async () => await Promise.reject(new Error('the database went away')),
  };
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) });
  return { db: { audit } as unknown as AuditDeps['db'], log, now: () => 0, newId: () => 'entry' };
}

test('what was done has its answer, also when how it ended can not be kept', async () => {
  const logged: Record<string, unknown>[] = [];
  const work = async () => ({ result: { status: 200, body: 'the new key' }, madeId: null });
  expect(await audited(trail(logged), ACTION, work, () => 500)).toEqual({ status: 200, body: 'the new key' });
  expect(logged).toMatchObject([{ event: 'audit_not_settled', entry_id: 'entry' }]);
});

test('what failed fails with its own error, not with the trail’s', async () => {
  const work = async () => await Promise.reject(new Error('no such project'));
  await expect(audited(trail([]), ACTION, work, () => 404)).rejects.toThrow('no such project');
});
