import { z } from 'zod';
import { ROLES } from '../model/operator.ts';
import { named, text } from './schemas.ts';

const role = z.enum(ROLES, { error: 'must be admin or viewer' });

export const newOperatorBody = z.object({ name: named(120), role: role.default('viewer') });
export const operatorChangeBody = z.object({ role });

export const erasureBody = z
  .object({ actor: text(255).optional(), deployment_id: z.guid().optional() })
  .refine((body) => (body.actor === undefined) !== (body.deployment_id === undefined), {
    message: 'must have actor or deployment_id, and not both',
  });
