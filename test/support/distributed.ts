import { inject } from 'vitest';
import { clusterOf } from './cluster.ts';

/** Whether this run's databases are distributed by project. */
export const { distributes } = await clusterOf(inject('databaseAdminUrl'));
