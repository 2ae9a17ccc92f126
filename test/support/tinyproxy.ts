import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { MonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { startMonitoringServer } from '../../harness/monitoring-server.ts';

/** A real HTTP proxy on loopback. */
export interface Tinyproxy extends AsyncDisposable {
  /** With its user and password. */
  readonly url: URL;
  /** What it was asked to connect to, as it was asked: `name:port`. */
  asked(): string[];
}

export async function startTinyproxy(programs: MonitoringPrograms): Promise<Tinyproxy> {
  let log = '';
  const server = await startMonitoringServer({
    command({ address, dataFolder }) {
      log = join(dataFolder, 'log');
      const config = join(dataFolder, 'tinyproxy.conf');
      const [host, port] = address.split(':');
      writeFileSync(log, '');
      writeFileSync(
        config,
        `Port ${port}
Listen ${host}
Timeout 60
MaxClients 50
Allow 127.0.0.1
BasicAuth caller open-sesame
LogFile "${log}"
LogLevel Connect
`,
      );
      return [programs.path('tinyproxy'), '-d', '-c', config];
    },
    // Its own answer is 407, which fetch takes for a broken network.
    isReady: async (url) => await accepts(Number(new URL(url).port)),
  });
  const url = new URL(server.url);
  url.username = 'caller';
  url.password = 'open-sesame';
  return {
    url,
    asked: () => [...readFileSync(log, 'utf8').matchAll(/: CONNECT (\S+) HTTP/g)].map(([, asked = '']) => asked),
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
