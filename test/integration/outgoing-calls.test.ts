import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from '../../harness/monitoring-server.ts';
import { testCertificate } from '../../harness/test-certificate.ts';
import { until } from '../../harness/until.ts';
import { openStage } from '../support/stage.ts';
import { startTinyproxy } from '../support/tinyproxy.ts';

const programs = findMonitoringPrograms('tests of TLS and proxies', ['prometheus', 'tinyproxy']);

/** A Prometheus with a certificate of nobody's authority, that lets in whoever shows one it knows. */
describe.skipIf(programs.missing)('a source behind a private authority that asks who we are', () => {
  let folder: string;
  let server: MonitoringServer;
  const serverCertificate = testCertificate({ names: ['127.0.0.1'] });
  const ours = testCertificate({ names: ['seqpulse.example'] });
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seqpulse-tls-'));
    for (const [name, text] of Object.entries({
      'server.crt': serverCertificate.cert,
      'server.key': serverCertificate.key,
      'ours.crt': ours.cert,
      'ours.key': ours.key,
      'prometheus.yml': 'scrape_configs: []\n',
      'web.yml': `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ours.crt
`,
    })) {
      writeFileSync(file(name), text);
    }
    server = await startMonitoringServer({
      command: ({ address, dataFolder }) => [
        programs.path('prometheus'),
        `--config.file=${file('prometheus.yml')}`,
        `--web.config.file=${file('web.yml')}`,
        `--storage.tsdb.path=${dataFolder}`,
        `--web.listen-address=${address}`,
      ],
      // Spoken to without TLS it answers 400: it is there.
      isReady: async (url) => (await fetch(url)).status === 400,
    });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const CA = () => ({ SEQPULSE_CA_FILE: file('server.crt') });
  const CERTIFICATE = () => ({
    SEQPULSE_CLIENT_CERT_FILE: file('ours.crt'),
    SEQPULSE_CLIENT_KEY_FILE: file('ours.key'),
  });

  async function tested(env: Readonly<Record<string, string>>) {
    await using stage = await openStage(env);
    const { id } = await stage.api.newProject({ name: 'tls' });
    const url = server.url.replace('http:', 'https:');
    const source = { type: 'prometheus', url, queries: { requests_per_sec: 'vector(7)' } };
    expect((await stage.api.operator('PUT', `/projects/${id}/source`, source)).status).toBe(200);
    return await stage.api.operator('POST', `/projects/${id}/source/test`, {});
  }

  test.each([
    ['an authority that nobody named', () => ({}), /self-signed: add its authority with SEQPULSE_CA_FILE/],
    ['no certificate of ours', CA, /wants a client certificate, or refuses ours: see SEQPULSE_CLIENT_CERT_FILE/],
  ])('%s is told', async (_, env, detail) => {
    const { status, body } = await tested(env());
    expect([status, body.detail]).toEqual([422, expect.stringMatching(detail)]);
  });

  test('is read with both', async () => {
    const { status, body } = await tested({ ...CA(), ...CERTIFICATE() });
    expect(status).toBe(200);
    expect(body.numbers.requests_per_sec).toMatchObject({ value: 7, problem: null });
  });

  test('is read with both through a proxy, which sees neither name nor numbers', async () => {
    await using proxy = await startTinyproxy(programs);
    const { status, body } = await tested({
      ...CA(),
      ...CERTIFICATE(),
      SEQPULSE_PROXY: proxy.url.href,
      SEQPULSE_NO_PROXY: 'none',
    });
    expect(status).toBe(200);
    expect(body.numbers.requests_per_sec).toMatchObject({ value: 7 });
    const address = await until('the proxy to have been asked', 2, () => proxy.asked().at(-1));
    expect(address).toBe(server.address);
  });

  test.each([
    ['one without the other', () => ({ SEQPULSE_CLIENT_CERT_FILE: file('ours.crt') }), /belong together/],
    [
      'a key of another certificate',
      () => ({ SEQPULSE_CLIENT_CERT_FILE: file('ours.crt'), SEQPULSE_CLIENT_KEY_FILE: file('server.key') }),
      /is not that of the certificate/,
    ],
  ])('%s stops the start', async (_, env, message) => {
    await expect(openStage(env())).rejects.toThrow(message);
  });
});
