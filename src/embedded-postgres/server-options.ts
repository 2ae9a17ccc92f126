import { LOOPBACK } from './port.ts';
import { clusterName } from './postmaster.ts';
import type { StartSettings } from './start-settings.ts';

/** Nothing here holds a blank or a quote: pg_ctl passes it through a shell. */
export function serverOptions(folder: string, settings: StartSettings & { readonly port: number }): string[] {
  const parameters = {
    listen_addresses: LOOPBACK,
    // No socket: its place would have to be reachable for both users, and its path no longer than 107 bytes.
    unix_socket_directories: '',
    max_connections: settings.maxConnections,
    // Half of PostgreSQL's own default: the hot part of the tables is small, and the system caches the rest.
    shared_buffers: '64MB',
    // Compiling costs more than any of our queries.
    jit: 'off',
    cluster_name: clusterName(folder),
    // A line every five minutes that nobody asked for, in a log that only grows.
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(settings.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return [`-p ${settings.port}`, ...Object.entries(parameters).map(([name, value]) => `-c ${name}=${value}`)];
}
