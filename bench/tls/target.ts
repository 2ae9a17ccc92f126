/** The observed application of bench/tls, over http and https: says where it listens, as JSON. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { testCertificate } from '../../harness/test-certificate.ts';

const body = JSON.stringify({
  metrics: { requests_per_sec: 20, latency_p95: 120, error_rate: 0.002, cpu_usage: 0.3, memory_usage: 0.5 },
});
const answer: RequestListener = (_request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(body);
};
const certificate = testCertificate({ names: ['127.0.0.1'] });

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const plain = await listen(createServer(answer));
const encrypted = await listen(createHttpsServer(certificate, answer));
console.log(
  JSON.stringify({
    http: `http://127.0.0.1:${plain}/metrics`,
    https: `https://127.0.0.1:${encrypted}/metrics`,
    cert: certificate.cert,
  }),
);
process.on('SIGTERM', () => process.exit());
