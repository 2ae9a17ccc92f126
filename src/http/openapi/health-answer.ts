import { z } from 'zod';
import { count, said, time } from './common.ts';

const schedulerFields = {
  pending: said(count.nullable(), 'Jobs that wait, due or not yet due. null, as all of these: not known.'),
  overdue: said(count.nullable(), 'Of those, due for more than 30 s.'),
  running: said(count.nullable(), 'Jobs that run.'),
  failed_1h: said(count.nullable(), 'Jobs that gave up for good in the last hour.'),
};
const state = {
  checks: z.record(z.string(), z.boolean()),
  reasons: said(z.array(z.string()), 'Why it is not ok, one sentence each.'),
};

export const health = z
  .object({ status: z.enum(['ok', 'degraded']), timestamp: time, ...state, scheduler: z.object(schedulerFields) })
  .meta({ id: 'Health' });
export const schedulerHealth = z
  .object({ scheduler_running: z.boolean(), ...schedulerFields })
  .meta({ id: 'SchedulerHealth' });
export const databaseCheck = z.object({ db_ok: z.boolean() }).meta({ id: 'DatabaseCheck' });
export const live = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });
export const ready = z.object({ status: z.enum(['ready', 'not_ready']), ...state }).meta({ id: 'Ready' });
