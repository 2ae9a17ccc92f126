/**
 * The observed applications of the baseline benchmark, in a process of their own: all answer at one port, each with its
 * number in the query (`?app=17`), HANGING of the APPLICATIONS never. `GET /arrivals` tells and forgets when which was read:
 * `[[app, epoch ms], …]`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hangs } from './hanging.ts';

const applications = { count: Number(process.env.APPLICATIONS), hanging: Number(process.env.HANGING ?? 0) };
let arrivals: [number, number][] = [];

const server = createServer((request, response) => {
  if (request.url === '/arrivals') {
    response.end(JSON.stringify(arrivals));
    arrivals = [];
    return;
  }
  const app = Number(/app=(\d+)/.exec(request.url ?? '')?.[1]);
  arrivals.push([app, Date.now()]);
  if (hangs(app, applications)) return;
  response.setHeader('Content-Type', 'application/json');
  response.end(
    JSON.stringify({
      metrics: {
        requests_per_sec: 20 + Math.random() * 5,
        latency_p95: 120 + Math.random() * 30,
        error_rate: Math.random() / 500,
        cpu_usage: 0.3 + Math.random() / 20,
        memory_usage: 0.5 + Math.random() / 50,
      },
    }),
  );
});
server.listen(0, '127.0.0.1', 4_096, () => console.log(`listens on ${(server.address() as AddressInfo).port} .`));
process.on('SIGTERM', () => process.exit());
