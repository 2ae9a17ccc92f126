export interface ClusterNode {
  readonly name: string;
  readonly postgresPort: number;
  readonly restPort: number;
  readonly folder: string;
}

/** Seconds. Patroni takes no less than 20: how long a leader that is silent stays the leader. */
const TTL_SECONDS = 20;

/** Patroni's configuration (JSON is YAML): docs/high-availability.md says what each line is for. */
export function nodeConfiguration(node: ClusterNode, etcdPort: number): object {
  const local = (port: number) => `127.0.0.1:${port}`;
  return {
    scope: 'seqpulse',
    name: node.name,
    restapi: { listen: local(node.restPort), connect_address: local(node.restPort) },
    etcd3: { host: local(etcdPort) },
    bootstrap: {
      dcs: {
        ttl: TTL_SECONDS,
        loop_wait: 5,
        retry_timeout: 5,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, parameters: { max_connections: 200 } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
    },
    postgresql: {
      listen: local(node.postgresPort),
      connect_address: local(node.postgresPort),
      data_dir: `${node.folder}/data`,
      pgpass: `${node.folder}/pgpass`,
      bin_dir: '/usr/lib/postgresql/15/bin',
      parameters: { unix_socket_directories: '' },
      pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      authentication: {
        superuser: { username: 'postgres', password: 'secret' },
        replication: { username: 'replicator', password: 'secret' },
        rewind: { username: 'rewinder', password: 'secret' },
      },
    },
  };
}

/** Sends everybody to whom Patroni calls the primary, and ends the connections to whoever is it no more. */
export function proxyConfiguration(port: number, nodes: readonly ClusterNode[]): string {
  const servers = nodes.map(
    ({ name, postgresPort, restPort }) => `  server ${name} 127.0.0.1:${postgresPort} check port ${restPort}`,
  );
  return `defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen leader
  bind 127.0.0.1:${port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`;
}
