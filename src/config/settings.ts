import type { z } from 'zod';
import { directList, networkList, proxyHeader, proxyUrl, publicOrigin } from './address-formats.ts';
import {
  folder,
  label,
  listenHost,
  logLevel,
  metricNames,
  pemFile,
  positiveSeconds,
  postgresUrl,
  publicReports,
  schemaName,
  secondsList,
  wholeNumber,
  yesOrNo,
} from './formats.ts';
import { INTAKE_SETTINGS } from './intake-settings.ts';
import { LOOK_SETTINGS } from './look-settings.ts';
import { OPERATOR_SETTINGS } from './operator-settings.ts';
import type { Setting } from './setting.ts';

export type { Setting } from './setting.ts';

const ONE_HOUR_SECONDS = 3600;

/** Every setting, in the order of the reference page: the single source of `parseConfig` and of docs/settings.md. */
export const SETTINGS = {
  port: {
    name: 'PORT',
    format: wholeNumber(0, 65_535),
    fallback: '8000',
    meaning: 'The port of the HTTP server. 0 takes a free one, which the log names.',
  },
  host: {
    name: 'HOST',
    format: listenHost,
    fallback: '0.0.0.0',
    meaning: 'The address the HTTP server listens on.',
  },
  maxWaitingRequests: {
    name: 'SEQPULSE_MAX_WAITING_REQUESTS',
    format: wholeNumber(0, 100_000),
    fallback: '10000',
    meaning:
      'How many requests with `?wait` may wait in this process; more are answered 503 with `Retry-After`. One costs some 25 kB.',
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    format: networkList,
    fallback: 'none',
    meaning:
      'The proxies whose word on where a request comes from is believed. Behind a proxy that is not named here, all clients share its address and one rate limit for failed keys.',
  },
  trustProxyHeader: {
    name: 'TRUST_PROXY_HEADER',
    format: proxyHeader,
    fallback: 'either',
    meaning:
      'The header that these proxies write. `either`: `X-Forwarded-For` or `Forwarded`, whichever a request carries; where it carries both and they disagree, one was sent by the client, and the request counts as the proxy’s own. Name the header when your proxies hand the other one on as clients send it.',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    format: postgresUrl,
    fallback: null,
    whenAbsent: 'an embedded PostgreSQL in `SEQPULSE_DATA_DIR`',
    secrecy: 'masked',
    meaning:
      'The PostgreSQL database. Several hosts (`postgres://user@a:5432,b:5432/seqpulse`) are tried in turn for each new connection, and the one that accepts writes is taken.',
  },
  databaseDirectUrl: {
    name: 'DATABASE_DIRECT_URL',
    format: postgresUrl,
    fallback: null,
    whenAbsent: 'as `DATABASE_URL`',
    secrecy: 'masked',
    meaning:
      'The same database past a pooler in transaction mode, for the job queue and the migrations, which need sessions of their own. With a pooler in session mode, or none, it is not needed.',
  },
  kpiSchema: {
    name: 'SEQPULSE_KPI_SCHEMA',
    format: schemaName,
    fallback: 'kpi',
    meaning:
      'The schema of the views that dashboards read (docs/grafana.md). Another name where `kpi` is somebody else’s; views made before move there.',
  },
  dataDir: {
    name: 'SEQPULSE_DATA_DIR',
    format: folder,
    fallback: '.seqpulse',
    meaning:
      'The folder of the embedded PostgreSQL and of the secrets made at first start. Back it up; one process at a time uses it.',
  },
  ...OPERATOR_SETTINGS,
  ...INTAKE_SETTINGS,
  publicUrl: {
    name: 'SEQPULSE_PUBLIC_URL',
    format: publicOrigin,
    fallback: null,
    whenAbsent: 'no deployment shows `html_url`, and messages link no report',
    meaning: 'Where people find this installation (`https://seqpulse.example.com`): what links to reports begin with.',
  },
  publicReports: {
    name: 'SEQPULSE_PUBLIC_REPORTS',
    format: publicReports,
    fallback: 'signed',
    meaning:
      'Who may see the report of a deployment without signing in: whoever has its signed link (`signed`), whoever knows its address (`open`), nobody (`off`). Nothing else is ever shown to them.',
  },
  reportLinkDays: {
    name: 'SEQPULSE_REPORT_LINK_DAYS',
    format: wholeNumber(1, 3_650),
    fallback: '90',
    meaning: 'How many days the signed link of a report is good for.',
  },
  environmentName: {
    name: 'SEQPULSE_ENV',
    format: label(64),
    fallback: 'development',
    meaning: 'This installation’s `deployment.environment.name` in metrics, traces and logs.',
  },
  otlpMetricNames: {
    name: 'SEQPULSE_OTLP_METRIC_NAMES',
    format: metricNames,
    fallback: 'seqpulse',
    meaning:
      'Under which names metrics are pushed by OTLP: those of docs/metrics.md, or those of the semantic conventions (`http.server.request.duration`, `nodejs.*`, `v8js.*`, `process.cpu.time`) beside them. `/metrics` stays as it is.',
  },
  targetAllow: {
    name: 'SEQPULSE_TARGET_ALLOW',
    format: networkList,
    fallback: 'none',
    meaning:
      'Addresses that are not public and may be observed, and told, all the same. Cloud metadata addresses stay refused unless named as a single address.',
  },
  caPem: {
    name: 'SEQPULSE_CA_FILE',
    format: pemFile('CERTIFICATE'),
    fallback: null,
    whenAbsent: 'the usual authorities, and those of `NODE_EXTRA_CA_CERTS`',
    meaning:
      'Certificates of authorities that targets and sources may be signed by, beside the usual ones: those of a company’s own. Read at the start.',
  },
  clientCertificatePem: {
    name: 'SEQPULSE_CLIENT_CERT_FILE',
    format: pemFile('CERTIFICATE'),
    fallback: null,
    whenAbsent: 'none',
    meaning:
      'The certificate, with its chain, that is shown to targets and sources that ask for one: to all that ask. Read at the start.',
  },
  clientKeyPem: {
    name: 'SEQPULSE_CLIENT_KEY_FILE',
    format: pemFile('PRIVATE KEY'),
    fallback: null,
    whenAbsent: 'none',
    meaning: 'The key of that certificate, without a passphrase.',
  },
  proxyUrl: {
    name: 'SEQPULSE_PROXY',
    format: proxyUrl,
    fallback: null,
    whenAbsent: 'targets and sources are called directly',
    secrecy: 'masked',
    meaning:
      'The HTTP proxy that targets and sources are called through, by `CONNECT` to their ports, `http:` ones too ([what becomes of the address guard](connect.md#through-a-proxy)). `HTTP_PROXY` and `HTTPS_PROXY` have no effect.',
  },
  noProxy: {
    name: 'SEQPULSE_NO_PROXY',
    format: directList,
    fallback: 'localhost,127.0.0.0/8,::1',
    meaning:
      'What is called past the proxy: names, names with all below them (`.corp.example`), addresses and networks, which also count for what a name resolves to.',
  },
  proxyResolvesNames: {
    name: 'SEQPULSE_PROXY_RESOLVES_NAMES',
    format: yesOrNo,
    fallback: 'false',
    meaning:
      'Whether the proxy is told names instead of checked addresses: for networks without a resolver of outside names, and proxies that allow by name. What a name may resolve to is then the proxy’s to guard.',
  },
  postIntervalSeconds: {
    name: 'SEQPULSE_POST_INTERVAL_SECONDS',
    format: positiveSeconds(ONE_HOUR_SECONDS),
    fallback: '60',
    meaning: 'The time between two samples after a deployment. The demo and the tests use less than a minute.',
  },
  ...LOOK_SETTINGS,
  preSamples: {
    name: 'SEQPULSE_PRE_SAMPLES',
    format: wholeNumber(1, 60),
    fallback: '5',
    meaning: 'How many samples are asked for before a deployment; one where a complete baseline is ready.',
  },
  preIntervalSeconds: {
    name: 'SEQPULSE_PRE_INTERVAL_SECONDS',
    format: positiveSeconds(ONE_HOUR_SECONDS),
    fallback: '5',
    meaning: 'The time between two samples before a deployment.',
  },
  retryDelaysSeconds: {
    name: 'SEQPULSE_RETRY_DELAYS_SECONDS',
    format: secondsList(ONE_HOUR_SECONDS, 10),
    fallback: '30,120,300',
    meaning: 'How long after a failed reading it is tried again, one number a retry. `none`: a reading has one try.',
  },
  rateLimitPerMinute: {
    name: 'SEQPULSE_RATE_LIMIT_PER_MINUTE',
    format: wholeNumber(0, 1_000_000),
    fallback: '100',
    meaning: 'Requests a minute for each API key and route, in each process. 0 turns the limit off.',
  },
  baselineHours: {
    name: 'SEQPULSE_BASELINE_HOURS',
    format: wholeNumber(24, 168),
    fallback: '24',
    meaning:
      'How long readings between deployments are kept. 168 lets an A/A check look back a week, for seven times the space (docs/verdict.md).',
  },
  retentionDays: {
    name: 'SEQPULSE_RETENTION_DAYS',
    format: wholeNumber(1, 36_500),
    fallback: '90',
    meaning: 'Samples older than this are deleted.',
  },
  maxClockOffsetSeconds: {
    name: 'SEQPULSE_MAX_CLOCK_OFFSET_SECONDS',
    format: positiveSeconds(ONE_HOUR_SECONDS),
    fallback: '30',
    meaning:
      'How far this machine’s clock may be from the database’s. Beyond it the service does not start, and one that runs takes no jobs and is not ready. From 5 s on it is told; up to here times follow the database.',
  },
  shutdownDelaySeconds: {
    name: 'SEQPULSE_SHUTDOWN_DELAY_SECONDS',
    format: wholeNumber(0, 600),
    fallback: '0',
    meaning:
      'At a stop: how long `/readyz` says 503 while everything is still served, before no connection is taken any more. Two periods of the load balancer’s probe, so that it has sent clients elsewhere by then. What runs then gets up to 9 s, and a Collector that hangs 5 s more: give the process 20 s beside this delay before it is killed.',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    format: logLevel,
    fallback: 'info',
    meaning: 'The least serious level that is logged.',
  },
} as const satisfies Record<string, Setting>;

type Settings = typeof SETTINGS;
type ValueOf<S extends Setting> = z.output<S['format']['schema']> | (S['fallback'] extends null ? null : never);

/** All settings with their values. `dataDir` is absolute; names with a unit are in that unit. */
export type Config = { readonly [Key in keyof Settings]: ValueOf<Settings[Key]> };
