/** The uids that grafana/provisioning/datasources fixes; a dashboard finds its data by nothing else. */
export const PROMETHEUS = { type: 'prometheus', uid: 'DS_PROMETHEUS' } as const;
/** Since Grafana 10 this is the plugin's id, in panels and in provisioning alike; `postgres` is its old name. */
export const POSTGRESQL = { type: 'grafana-postgresql-datasource', uid: 'DS_POSTGRESQL' } as const;
/** Operations can look at another Prometheus: its variable `datasource` starts as PROMETHEUS. */
export const PROMETHEUS_VARIABLE = { type: 'prometheus', uid: '$datasource' } as const;

export interface DatasourceRef {
  readonly type: string;
  readonly uid: string;
}
