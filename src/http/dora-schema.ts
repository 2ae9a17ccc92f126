import { z } from 'zod';
import type { DoraFigures } from '../model/dora.ts';
import type { DoraOfProject, DoraWindowed } from '../projects/dora.ts';
import { optional, pageQuery, text } from './schemas.ts';

const days = (most: number) =>
  z
    .string({ error: 'must be given once' })
    .regex(/^\d{1,3}$/, `must be a whole number of days from 1 to ${most}`)
    .transform(Number)
    .pipe(z.number().min(1).max(most, `must be a whole number of days from 1 to ${most}`))
    .default(30)
    .meta({
      wire: { type: 'integer', minimum: 1, maximum: most, default: 30 },
      description: 'Days back from now.',
    });

export const doraQuery = z.object({ days: days(365), env: optional(text(64)) });
/** A year of a million deployments would take longer than a request may. */
export const doraPageQuery = pageQuery.extend({ days: days(90), env: optional(text(64)) });

const count = z.int().min(0);
const seconds = z.number().nullable();

/** docs/dora.md says what each is. A number that could not be known is null. */
const figures = {
  deployment_frequency: z.strictObject({
    deployments: count.describe('Whose pipeline succeeded, or that failed however it ended.'),
    per_day: z.number(),
    days_with_deployments: count.describe('Days of UTC.'),
  }),
  change_failure_rate: z.strictObject({
    value: z.number().nullable().describe('`failed` ÷ `rated`, 0 to 1.'),
    failed: count.describe('Rollback recommended and not marked wrong, or marked as bad.'),
    rated: count.describe('Whose outcome is known.'),
  }),
  time_to_restore: z.strictObject({
    median_seconds: seconds.describe('From the failure’s finish to the finish of what ended it.'),
    restored: count.describe('Incidents that began in the window and have ended.'),
    open: count.describe('Incidents that began in the window and go on.'),
  }),
  lead_time: z.strictObject({
    median_seconds: seconds.describe('From commit to finish.'),
    deployments: count.describe('Whose `commit_time` is known.'),
  }),
};
const window = { from: z.iso.datetime(), to: z.iso.datetime(), days: z.int() };
const project = {
  project_id: z.guid(),
  project: z.string(),
  ...figures,
  environments: z.array(z.strictObject({ env: z.string(), ...figures })),
};

/** Of `GET /projects/{id}/dora`. */
export const doraAnswer = z.strictObject({ ...window, ...project });
/** Of `GET /dora`: all projects together, and a page of them. */
export const doraPageAnswer = z.strictObject({
  ...window,
  ...figures,
  items: z.array(z.strictObject(project)),
  next_cursor: z.string().nullable(),
});

export function showDoraWindow({ from, to }: DoraWindowed, days: number): Pick<DoraAnswer, 'from' | 'to' | 'days'> {
  return { from: from.toISOString(), to: to.toISOString(), days };
}

export function showDoraOfProject(of: DoraOfProject, days: number): Omit<DoraAnswer, 'from' | 'to' | 'days'> {
  return {
    project_id: of.project.id,
    project: of.project.name,
    ...showDoraFigures(of.whole, days),
    environments: of.environments.map(({ env, figures }) => ({ env, ...showDoraFigures(figures, days) })),
  };
}

export function showDoraFigures(known: DoraFigures, days: number): Pick<DoraAnswer, keyof typeof figures> {
  return {
    deployment_frequency: {
      deployments: known.deployments,
      per_day: rounded(known.deployments / days, 4),
      days_with_deployments: known.daysWithDeployments,
    },
    change_failure_rate: {
      value: known.rated === 0 ? null : rounded(known.failed / known.rated, 4),
      failed: known.failed,
      rated: known.rated,
    },
    time_to_restore: {
      median_seconds: known.restoreSeconds === null ? null : rounded(known.restoreSeconds, 3),
      restored: known.restored,
      open: known.open,
    },
    lead_time: {
      median_seconds: known.leadTimeSeconds === null ? null : rounded(known.leadTimeSeconds, 3),
      deployments: known.leadTimes,
    },
  };
}

type DoraAnswer = z.output<typeof doraAnswer>;

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
