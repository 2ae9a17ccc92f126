import { startOrExplain } from '../db/connection/explain.ts';
import type { Service, ServiceOptions } from './options.ts';
import { openService } from './service.ts';

/** Throws a StartError where something outside, the database above all, is not as it must be. */
export async function startService(options: ServiceOptions): Promise<Service> {
  return await startOrExplain(async () => await openService(options));
}
