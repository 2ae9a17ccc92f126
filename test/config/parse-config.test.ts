import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, type ConfigFault, type Environment, parseConfig } from '../../src/config/parse-config.ts';

function configOf(env: Environment): Config {
  const parsed = parseConfig(env);
  if (!parsed.ok) throw new Error(`unexpected faults: ${JSON.stringify(parsed.faults)}`);
  return parsed.config;
}

function faultsOf(env: Environment): readonly ConfigFault[] {
  const parsed = parseConfig(env);
  return parsed.ok ? [] : parsed.faults;
}

function accepts(name: string, value: string): boolean {
  return parseConfig({ [name]: value }).ok;
}

describe('parseConfig', () => {
  test('gives every setting the default of the product page when the environment is empty', () => {
    expect(configOf({})).toEqual({
      port: 8000,
      host: '0.0.0.0',
      maxWaitingRequests: 10_000,
      trustProxy: [],
      trustProxyHeader: 'either',
      databaseUrl: null,
      databaseDirectUrl: null,
      dataDir: resolve('.seqpulse'),
      adminToken: null,
      secretKeyHex: null,
      adminTokenPrevious: null,
      secretKeyPreviousHex: null,
      auditDays: 365,
      otlpPointsPerMinute: 300_000,
      otlpMaxStreams: 20_000,
      smtpUrl: null,
      mailFrom: null,
      environmentName: 'development',
      otlpMetricNames: 'seqpulse',
      targetAllow: [],
      caPem: null,
      clientCertificatePem: null,
      clientKeyPem: null,
      proxyUrl: null,
      noProxy: {
        names: ['localhost'],
        networks: [
          { address: '127.0.0.0', family: 'ipv4', prefixBits: 8 },
          { address: '::1', family: 'ipv6', prefixBits: 128 },
        ],
      },
      proxyResolvesNames: false,
      postIntervalSeconds: 60,
      preSamples: 5,
      earlyRollback: true,
      lateChecks: true,
      otherProjects: true,
      detectDeployments: true,
      preIntervalSeconds: 5,
      retryDelaysSeconds: [30, 120, 300],
      rateLimitPerMinute: 100,
      baselineHours: 24,
      retentionDays: 90,
      maxClockOffsetSeconds: 30,
      shutdownDelaySeconds: 0,
      kpiSchema: 'kpi',
      publicUrl: null,
      publicReports: 'signed',
      reportLinkDays: 90,
      logLevel: 'info',
    });
  });

  test('reads every setting', () => {
    expect(
      configOf({
        PORT: '0',
        HOST: '::1',
        SEQPULSE_MAX_WAITING_REQUESTS: '50',
        TRUST_PROXY: '10.0.0.0/8, 192.0.2.7',
        TRUST_PROXY_HEADER: 'Forwarded',
        DATABASE_URL: 'postgresql://seq:p%40ss@db.example:5432/seqpulse?sslmode=require',
        DATABASE_DIRECT_URL: 'postgres://seq@a:5432,[fd00::1]:5433/seqpulse?target_session_attrs=read-write',
        SEQPULSE_DATA_DIR: '/var/lib/seqpulse',
        SEQPULSE_ADMIN_TOKEN: 'abcdefghijklmnopqrstuvwx',
        SEQPULSE_SECRET_KEY: 'AB'.repeat(32),
        SEQPULSE_ENV: 'production',
        SEQPULSE_OTLP_METRIC_NAMES: 'Both',
        SEQPULSE_OTLP_POINTS_PER_MINUTE: '0',
        SEQPULSE_OTLP_MAX_STREAMS: '7',
        SEQPULSE_TARGET_ALLOW: '127.0.0.0/8,fd00::/8',
        SEQPULSE_PROXY: 'http://caller:secret@proxy.example:3128',
        SEQPULSE_NO_PROXY: '*.Corp.example',
        SEQPULSE_PROXY_RESOLVES_NAMES: 'true',
        SEQPULSE_POST_INTERVAL_SECONDS: '0.25',
        SEQPULSE_PRE_SAMPLES: '3',
        SEQPULSE_PRE_INTERVAL_SECONDS: '1.5',
        SEQPULSE_RETRY_DELAYS_SECONDS: '0, 0.5, 3600',
        SEQPULSE_RATE_LIMIT_PER_MINUTE: '0',
        SEQPULSE_BASELINE_HOURS: '168',
        SEQPULSE_RETENTION_DAYS: '1',
        SEQPULSE_SHUTDOWN_DELAY_SECONDS: '15',
        LOG_LEVEL: 'Debug',
      }),
    ).toEqual({
      port: 0,
      host: '::1',
      maxWaitingRequests: 50,
      trustProxyHeader: 'forwarded',
      trustProxy: [
        { address: '10.0.0.0', family: 'ipv4', prefixBits: 8 },
        { address: '192.0.2.7', family: 'ipv4', prefixBits: 32 },
      ],
      databaseUrl: 'postgresql://seq:p%40ss@db.example:5432/seqpulse?sslmode=require',
      databaseDirectUrl: 'postgres://seq@a:5432,[fd00::1]:5433/seqpulse?target_session_attrs=read-write',
      dataDir: '/var/lib/seqpulse',
      adminToken: 'abcdefghijklmnopqrstuvwx',
      secretKeyHex: 'ab'.repeat(32),
      adminTokenPrevious: null,
      secretKeyPreviousHex: null,
      auditDays: 365,
      otlpPointsPerMinute: 0,
      otlpMaxStreams: 7,
      smtpUrl: null,
      mailFrom: null,
      environmentName: 'production',
      otlpMetricNames: 'both',
      targetAllow: [
        { address: '127.0.0.0', family: 'ipv4', prefixBits: 8 },
        { address: 'fd00::', family: 'ipv6', prefixBits: 8 },
      ],
      caPem: null,
      clientCertificatePem: null,
      clientKeyPem: null,
      proxyUrl: new URL('http://caller:secret@proxy.example:3128'),
      noProxy: { names: ['.corp.example'], networks: [] },
      proxyResolvesNames: true,
      postIntervalSeconds: 0.25,
      preSamples: 3,
      earlyRollback: true,
      lateChecks: true,
      otherProjects: true,
      detectDeployments: true,
      preIntervalSeconds: 1.5,
      retryDelaysSeconds: [0, 0.5, 3600],
      rateLimitPerMinute: 0,
      baselineHours: 168,
      retentionDays: 1,
      maxClockOffsetSeconds: 30,
      shutdownDelaySeconds: 15,
      kpiSchema: 'kpi',
      publicUrl: null,
      publicReports: 'signed',
      reportLinkDays: 90,
      logLevel: 'debug',
    });
  });

  test('takes an empty or blank variable for an absent one and drops blanks around a value', () => {
    const config = configOf({ PORT: '', HOST: '  ', SEQPULSE_PRE_SAMPLES: ' 7\n', SEQPULSE_ADMIN_TOKEN: '\t' });
    expect(config).toMatchObject({ port: 8000, host: '0.0.0.0', preSamples: 7, adminToken: null });
  });

  test('reports all faults at once, each with its name, what was expected and what it got', () => {
    expect(
      faultsOf({ PORT: '80a', LOG_LEVEL: 'loud', SEQPULSE_RETENTION_DAYS: '0', SEQPULSE_PRE_SAMPLES: '5' }),
    ).toEqual([
      { name: 'PORT', expected: 'a whole number from 0 to 65535', got: '"80a"' },
      { name: 'SEQPULSE_RETENTION_DAYS', expected: 'a whole number from 1 to 36500', got: '"0"' },
      { name: 'LOG_LEVEL', expected: 'one of fatal, error, warn, info, debug, trace, silent', got: '"loud"' },
    ]);
  });

  test('names the item of a list that is wrong', () => {
    expect(faultsOf({ TRUST_PROXY: '10.0.0.0/8, 10.0.0.5/8' })).toMatchObject([
      { name: 'TRUST_PROXY', got: '"10.0.0.0/8, 10.0.0.5/8" (wrong at "10.0.0.5/8")' },
    ]);
  });

  test.each([
    ['PORT', ['0', '1', '65535', '0080'], ['65536', '-1', '80.0', '1e3', '0x50', '+5', 'http']],
    ['HOST', ['localhost', '127.0.0.1', '::', 'a-b.example'], ['1.2.3', 'a b', 'http://a', '-a', '[::1]']],
    ['SEQPULSE_OTLP_METRIC_NAMES', ['seqpulse', 'both'], ['otel', 'none']],
    ['SEQPULSE_ENV', ['p', 'é'.repeat(64), 'pre prod'], ['x'.repeat(65), 'a\u0007b']],
    [
      'SEQPULSE_ADMIN_TOKEN',
      ['x'.repeat(24), '!~'.repeat(12)],
      ['x'.repeat(23), `${'x'.repeat(24)} y`, 'é'.repeat(24)],
    ],
    ['SEQPULSE_SECRET_KEY', ['0'.repeat(64)], ['0'.repeat(63), '0'.repeat(65), 'g'.repeat(64)]],
    [
      'SEQPULSE_POST_INTERVAL_SECONDS',
      ['0.001', '3600'],
      ['0', '0.0', '3600.001', '-1', 'Infinity', 'NaN', '1,5', '.5'],
    ],
    ['SEQPULSE_PRE_INTERVAL_SECONDS', ['0.001', '3600'], ['0', '3601']],
    ['SEQPULSE_PRE_SAMPLES', ['1', '60'], ['0', '61', '2.5']],
    ['SEQPULSE_RATE_LIMIT_PER_MINUTE', ['0', '1000000'], ['-1', '1000001', '1.5']],
    ['SEQPULSE_BASELINE_HOURS', ['24', '168'], ['0', '23', '169', '24.5']],
    ['SEQPULSE_RETENTION_DAYS', ['1', '36500'], ['0', '36501', '1.5']],
    [
      'SEQPULSE_RETRY_DELAYS_SECONDS',
      ['0', '3600', Array(10).fill('1').join()],
      ['-1', '3600.5', '1,,2', '1,', Array(11).fill('1').join()],
    ],
    ['SEQPULSE_KPI_SCHEMA', ['kpi', '_k1'], ['Kpi', '1k', 'pg_kpi', 'seqpulse', 'k-p', 'k"; drop', 'user', 'left']],
    ['SEQPULSE_DATA_DIR', ['.', 'data', '/x/~y'], ['~', '~/.seqpulse']],
    [
      'DATABASE_URL',
      [
        'postgres://h/db',
        'postgresql://u@h:1/db',
        'postgres://u:p@/db?host=/run/postgresql',
        'postgres://h?application_name=x',
      ],
      [
        'mysql://h/db',
        'h/db',
        'postgres://',
        'postgres://u:#q@h/db',
        'postgres://u:1/q@h/db',
        'postgres://u:1?q@h/db',
        'postgres://h/d b',
        'postgres://h:99999/db',
      ],
    ],
    ['LOG_LEVEL', ['silent', 'TRACE'], ['verbose', '30']],
    [
      'SEQPULSE_PROXY',
      ['http://outgoing.example:3128', 'https://user:p%40ss@10.0.0.1', 'http://[::1]:8080/'],
      [
        'outgoing.example:3128',
        'socks5://outgoing.example',
        'http://outgoing.example/path',
        'http://u:%zz@outgoing.example',
        '//x',
      ],
    ],
    [
      'SEQPULSE_NO_PROXY',
      ['none', 'localhost', '.corp.example,*.Corp.example', '10.0.0.0/8, ::1', 'a_b.example'],
      ['10.0.0.5/8', '1.2.3', 'a..b', 'http://x', 'x:80', 'a,,b', '*'],
    ],
    ['SEQPULSE_PROXY_RESOLVES_NAMES', ['true', 'FALSE'], ['1', 'yes']],
    ['SEQPULSE_CA_FILE', [], ['/nowhere.pem', '.', 'package.json']],
    ['SEQPULSE_CLIENT_KEY_FILE', [], ['/nowhere.pem', 'package.json']],
    ['TRUST_PROXY', ['none', '10.0.0.0/8'], ['*', 'true', '1', 'proxy.example']],
    [
      'TRUST_PROXY_HEADER',
      ['either', 'X-Forwarded-For', 'forwarded'],
      ['none', 'x-real-ip', 'x-forwarded-for,forwarded'],
    ],
  ])('%s has its limits', (name, good, bad) => {
    expect(good.filter((value) => !accepts(name, value))).toEqual([]);
    expect(bad.filter((value) => accepts(name, value))).toEqual([]);
  });

  test('reads `none` as an empty list, which the empty string is not', () => {
    expect(configOf({ SEQPULSE_RETRY_DELAYS_SECONDS: 'none' }).retryDelaysSeconds).toEqual([]);
    expect(configOf({ SEQPULSE_RETRY_DELAYS_SECONDS: '' }).retryDelaysSeconds).toEqual([30, 120, 300]);
  });
});

describe('variables that are no setting', () => {
  test.each([
    ['SEQPULSE_PRE_SAMPELS', 'a known name, probably SEQPULSE_PRE_SAMPLES'],
    ['SEQPULSE_RETENTION_DAY', 'a known name, probably SEQPULSE_RETENTION_DAYS'],
    ['SEQPULSE_PORT', 'a known name, probably PORT'],
    ['SEQPULSE_DATABASE_URL', 'a known name, probably DATABASE_URL'],
    ['SEQPULSE_ADMIN_TOKE', 'a known name, probably SEQPULSE_ADMIN_TOKEN'],
    ['SEQPULSE_COLOUR', 'a name from docs/settings.md'],
  ])('%s is a fault that suggests the nearest name and never shows the value', (name, expected) => {
    expect(faultsOf({ [name]: 'hunter2' })).toEqual([{ name, expected, got: 'a value of 7 characters (not shown)' }]);
  });

  test.each([
    ['SEQPULSE_API_KEY', 'SP_0'],
    ['SEQPULSE_HMAC_SECRET', 'spm_0'],
    ['SEQPULSE_BACKEND_SERVICE_HOST', '10.0.0.1'],
    ['SEQPULSE_SERVICE_PORT_HTTP', '8000'],
    ['SEQPULSE_PORT', 'tcp://10.0.0.1:8000'],
    ['SEQPULSE_PORT_8000_TCP', 'tcp://10.0.0.1:8000'],
    ['SEQPULSE_PORT_8000_TCP_ADDR', '10.0.0.1'],
    ['SEQPULSE_TYPO', ''],
    ['OTEL_SERVICE_NAME', 'x'],
    ['PATH', '/bin'],
  ])('%s=%s is left alone', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([]);
  });
});
