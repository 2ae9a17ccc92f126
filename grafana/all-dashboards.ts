import { deployments } from './deployments/dashboard.ts';
import type { DashboardSpec } from './kit/dashboard.ts';
import { kpiLifecycle } from './kpi-lifecycle/dashboard.ts';
import { monitoringMvp } from './monitoring-mvp/dashboard.ts';
import { operations } from './operations/dashboard.ts';

/** What grafana/dashboards holds, one file each, named by uid. */
export const allDashboards: readonly DashboardSpec[] = [monitoringMvp, kpiLifecycle, deployments, operations];
