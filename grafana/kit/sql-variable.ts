import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { POSTGRESQL } from './datasources.ts';

/**
 * All is the column itself: `project in (project)` is always true, and the planner knows it. A list of ten thousand
 * names would be read and compared for each row, and so would a subselect (measured: a semi join that made a panel over
 * a million deployments five times as slow).
 */
function sqlVariable(name: string, label: string, sql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(POSTGRESQL)
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(name)
    .current({ text: ['All'], value: ['$__all'] });
}

/** Named alike in every dashboard over the database, so that links between them keep the choice. */
export const projectAndEnv = (): QueryVariableBuilder[] => [
  sqlVariable('project', 'Project', 'select project from kpi.projects order by 1'),
  sqlVariable('env', 'Env', 'select distinct env from kpi.environments where project in ($project) order by 1'),
];
