import { COLOURS } from '../kit/colours.ts';
import type { PanelSpec, SqlQuery } from '../kit/panel-spec.ts';
import { badAbove, limitAt } from '../kit/thresholds.ts';
import { fromHours } from '../kpi-lifecycle/sql.ts';

const table = (sql: string): SqlQuery => ({ sql, format: 'table' });
const tile = { width: 6, height: 4, visual: { kind: 'stat' } } as const;

/** The worst of what the newest judged deployments of the chosen environments were; null where none says anything. */
const STATE = `select case worst when 'ok' then 0 when 'attention' then 1 when 'rollback_recommended' then 2 end as state
from (values (null::text, null::text)) as every (project, env)
cross join kpi.worst_newest_verdict($__timeFrom(), $__timeTo(), array[$project], array[$env]) as worst`;

export const statePanels: readonly PanelSpec[] = [
  {
    ...tile,
    id: 1,
    title: 'State',
    unit: 'short',
    thresholds: badAbove(1, 2),
    noValue: 'Nothing known',
    queries: [table(STATE)],
    visual: { kind: 'stat', texts: { 0: 'ok', 1: 'attention', 2: 'rollback recommended' } },
    read: 'What the newest judged deployment of the range was; with several environments the worst of them. Red stays until a later deployment is `ok`, whatever was repaired meanwhile by other means.',
    empty:
      'No deployment of the range has a verdict yet, or its data did not suffice (`insufficient_data`). Feed it: a longer range, or a deployment and its window (5 min).',
    check: 'The newest row of Deployments and Verdicts says why, and leads to its report.',
  },
  {
    ...tile,
    id: 2,
    title: 'Deployments',
    unit: 'short',
    decimals: 0,
    queries: [table(fromHours('coalesce(sum(deployments), 0) as deployments'))],
    read: 'Deployments that started in the range, however they ended. A fall to zero is a broken CI integration, or a quiet day.',
    empty: 'Never empty: without deployments it is 0. Feed it: `POST /deployments/trigger`.',
    check: 'The CI logs of the project (401: its key; 423: its source).',
  },
  {
    ...tile,
    id: 3,
    title: 'Rollbacks Recommended',
    unit: 'short',
    decimals: 0,
    thresholds: limitAt(1, 'red'),
    queries: [table(fromHours('coalesce(sum(rollback_recommended), 0) as rollbacks'))],
    read: 'Deployments of the range that made the application so much worse that SeqPulse recommended to roll back.',
    empty:
      'Never empty: 0 where none was recommended. Feed it: deploy something slow and faulty, as `npm run demo` does.',
    check: 'Deployments and Verdicts: their sentence names the metrics; the red points below show when.',
  },
  {
    ...tile,
    id: 4,
    title: 'To Look At',
    unit: 'short',
    decimals: 0,
    thresholds: limitAt(1, 'orange'),
    queries: [
      table(
        fromHours(
          'coalesce(sum(attention), 0) as attention,\n  coalesce(sum(insufficient_data + abandoned), 0) as "not judged"',
        ),
      ),
    ],
    looks: [{ name: 'not judged', colour: COLOURS.unknown }],
    read: 'Deployments of the range that ask for attention, and beside them those that could not be judged: abandoned, or without enough data.',
    empty:
      'Never empty: 0 where there is nothing to look at. Feed it: a deployment that slows the application a little.',
    check:
      'Deployments and Verdicts for their sentences. Not judged: is the finish step reached, and was the application readable (Given-up Jobs of KPI MVP Lifecycle)?',
  },
];
