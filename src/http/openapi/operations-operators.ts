import { z } from 'zod';
import { ROLES } from '../../model/operator.ts';
import { count, page, said, time, uuid } from './common.ts';
import type { Operations } from './operation.ts';

const fields = {
  id: uuid,
  name: z.string(),
  role: said(z.enum(ROLES), '`viewer` reads, and says whether verdicts were right; `admin` may do all.'),
  created_at: time,
  last_used_at: said(time.nullable(), 'To the minute; null: never.'),
};
const operator = z.object(fields).meta({ id: 'Operator' });
const withToken = z.object({ ...fields, token: said(z.string(), 'Shown this once.') }).meta({ id: 'NewOperator' });
const entry = z
  .object({
    id: uuid,
    at: time,
    actor: z.object({
      kind: z.enum(['admin_token', 'operator', 'project_key', 'service']),
      id: said(uuid.nullable(), 'Of the operator, or of the project whose key it was; null: the admin token.'),
      name: z.string(),
    }),
    action: said(z.string(), 'Method and path: `PATCH /projects/{id}`.'),
    subject: said(z.record(z.string(), z.string()), 'Ids by their names in the path; `made`: of what was made.'),
    changes: said(
      z.record(z.string(), z.unknown()),
      'What was sent; of what may be secret or personal only that it was (`set`).',
    ),
    before: said(
      z.record(z.string(), z.unknown()),
      'What stood in those fields before, of what was removed in all; nothing of what may be secret or personal.',
    ),
    status: said(z.int().nullable(), 'Of the answer; null: the service ended before it.'),
  })
  .meta({ id: 'AuditEntry' });

export const OPERATOR_OPERATIONS: Operations = {
  'GET /operators': { summary: 'Operators, by name', answer: z.object({ items: z.array(operator) }) },
  'POST /operators': {
    summary: 'A new operator, with its token',
    status: 201,
    answer: withToken,
    refuses: ['OPERATOR_NAME_TAKEN'],
  },
  'PATCH /operators/{id}': { summary: 'Change what an operator may do', answer: operator },
  'POST /operators/{id}/token': { summary: 'Another token; the old one ends at once', answer: withToken },
  'DELETE /operators/{id}': { summary: 'Remove an operator; its token ends at once', status: 204 },
  'GET /audit': { summary: 'Who did what, newest first', answer: page(entry).meta({ id: 'AuditEntries' }) },
  'POST /erasures': {
    summary: 'Erase a person from deployments',
    description: 'With `deployment_id` its actor and the note of its feedback; with `actor` that name wherever it is.',
    answer: z.object({
      actors: said(count, 'Deployments that named one.'),
      notes: said(count, 'Notes of feedback.'),
    }),
  },
};
