import type { NewDeployment } from '../../model/deployment-start.ts';

/** What is stored of a new deployment beside its project, its number and its state: column, type, value. */
const COLUMNS: readonly (readonly [name: string, type: string, of: (deployment: NewDeployment) => unknown])[] = [
  ['id', 'uuid', (deployment) => deployment.id],
  ['env', 'text', (deployment) => deployment.env],
  ['branch', 'text', (deployment) => deployment.origin.branch],
  ['idempotency_key', 'text', (deployment) => deployment.idempotencyKey],
  ['metrics_endpoint', 'text', (deployment) => deployment.metricsEndpoint],
  ['started_at', 'timestamptz', (deployment) => deployment.startedAt],
  ['finish_deadline_at', 'timestamptz', (deployment) => deployment.finishDeadlineAt],
  ['pre_expected', 'integer', (deployment) => deployment.preExpected],
  ['trace_parent', 'text', (deployment) => deployment.traceParent],
  ['baseline_source', 'text', (deployment) => deployment.baselineSource],
  ['baseline_note', 'text', (deployment) => deployment.baselineNote],
  ['version', 'text', (deployment) => deployment.origin.version],
  ['commit_sha', 'text', (deployment) => deployment.origin.commitSha],
  ['commit_time', 'timestamptz', (deployment) => deployment.origin.commitTime],
  ['build_url', 'text', (deployment) => deployment.origin.buildUrl],
  ['actor', 'text', (deployment) => deployment.origin.actor],
  ['service', 'text', (deployment) => deployment.origin.service],
  ['by_superseding', 'boolean', (deployment) => deployment.bySuperseding],
  ['baseline_good_since', 'uuid', (deployment) => deployment.baselineGoodSince],
];

/** The columns, as a list. */
export const NEW_COLUMNS = COLUMNS.map(([name]) => name).join(', ');

/** How many parameters `newValues` is. */
export const NEW_PARAMETERS = COLUMNS.length;

/** From the first parameter on, for `unnest`: a list each. */
export const NEW_LISTS = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');

export const newValues = (deployments: readonly NewDeployment[]): unknown[][] =>
  COLUMNS.map(([, , of]) => deployments.map(of));
