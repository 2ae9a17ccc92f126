import * as fc from 'fast-check';

export interface MalformedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

interface BodyRoute {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly valid: Readonly<Record<string, unknown>>;
  readonly faults: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

const UUID = '3b241101-e2bb-4255-8caf-4136c566a962';

/** What PostgreSQL, JSON or a careless check stumbles over. */
const hostileText = fc.constantFrom(
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfff',
  '',
  ' ',
  'x'.repeat(5_000),
  '\u202e'.repeat(3_000),
);
const noText = fc.oneof(
  fc.constantFrom<unknown>(true, 7, -1, 1e308, [], [[]], {}, { toString: 1 }, ['prod'], { $gt: '' }),
  hostileText,
);
const noEnvs = fc.oneof(
  fc.constantFrom<unknown>([], ['a', 'a'], {}, 'prod', 1, [1], [null], [['prod']], Array(1_001).fill('x')),
  fc.array(noText, { minLength: 1, maxLength: 3 }),
);
const noNumber = fc.constantFrom<unknown>(
  '5',
  '',
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 31) - 1,
  1e308,
  [],
  {},
  true,
  null,
);
const noUrl = fc.oneof(
  fc.constantFrom('x', 'http://', 'http://u:p@h/', 'javascript:1', 'http://[::1', `http://h/${'a'.repeat(3_000)}`),
  hostileText,
  fc.constantFrom<unknown>(1, [], {}),
);
const noUuid = fc.oneof(fc.constantFrom<unknown>('1', UUID.slice(1), `${UUID}0`, `{${UUID}`, 1, null, []), hostileText);

const noBoolean = fc.oneof(fc.constantFrom<unknown>(null, 0, 1, 'true', [], {}, [true]), hostileText);
const noLimits = fc.oneof(
  fc.constantFrom<unknown>([], 0.5, 'strict', true, { latency: 1 }, { '\u0000': 1 }, { ['x'.repeat(5_000)]: 1 }),
  fc
    .tuple(
      fc.constantFrom('error_rate_rise', 'latency_p95_growth', 'latency_p95_rise_ms', 'memory_usage_rise'),
      fc.constantFrom<unknown>(0, -1, 1e308, 60_001, '0.5', '\ud800', [], {}, true, [0.5]),
    )
    .map(([name, value]) => ({ [name]: value })),
);

const longText = fc.constantFrom<unknown>('x'.repeat(300), '\u0000', '\ud800', 1, [], {});

const BODY_ROUTES: readonly BodyRoute[] = [
  {
    method: 'POST',
    path: '/deployments/trigger',
    valid: { env: 'nowhere', branch: 'main', idempotency_key: 'k' },
    faults: { env: noText, branch: longText, idempotency_key: longText, metrics_endpoint: noUrl },
  },
  {
    method: 'POST',
    path: '/deployments/finish',
    valid: { deployment_id: UUID, result: 'success' },
    faults: { deployment_id: noUuid, result: noText, metrics_endpoint: noUrl },
  },
  {
    method: 'POST',
    path: '/projects',
    valid: { name: 'fuzz', envs: ['prod'] },
    faults: {
      name: noText,
      envs: noEnvs,
      metrics_endpoint: noUrl,
      limits: noLimits,
      observation_window_minutes: noNumber,
      finish_deadline_minutes: noNumber,
    },
  },
  { method: 'POST', path: `/deployments/${UUID}/rejudge`, valid: {}, faults: { limits: noLimits } },
  {
    method: 'POST',
    path: `/deployments/${UUID}/feedback`,
    valid: { correct: true },
    faults: { correct: noBoolean, note: fc.constantFrom<unknown>('x'.repeat(1_001), '\u0000', '\ud800', 1, [], {}) },
  },
  {
    method: 'PATCH',
    path: `/projects/${UUID}`,
    valid: { name: 'fuzz' },
    faults: {
      limits: noLimits,
      name: noText,
      envs: noEnvs,
      observation_window_minutes: noNumber,
      finish_deadline_minutes: noNumber,
    },
  },
  {
    method: 'POST',
    path: `/projects/${UUID}/api-key`,
    valid: {},
    faults: { keep_old_hours: fc.constantFrom(-1, 1e9, 'x', []) },
  },
  {
    method: 'PUT',
    path: `/projects/${UUID}/endpoint`,
    valid: { url: 'http://a.example' },
    faults: { url: noUrl, env: noText },
  },
  { method: 'POST', path: `/projects/${UUID}/endpoint/test`, valid: {}, faults: { env: noText } },
];

const json = { 'Content-Type': 'application/json' };
const bodyRoute = fc.constantFrom(...BODY_ROUTES);

/** A body in which exactly one field is wrong. */
const wrongField = bodyRoute.chain((route) =>
  fc.constantFrom(...Object.entries(route.faults)).chain(([field, faults]) =>
    faults.map((fault): MalformedRequest => {
      const body = JSON.stringify({ ...route.valid, [field]: fault });
      return { method: route.method, path: route.path, body, headers: json };
    }),
  ),
);

/** No JSON, or JSON that is no object. */
const wrongBody = fc
  .tuple(
    bodyRoute,
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => `{${text}`),
      fc.constantFrom(
        '[]',
        'null',
        '"x"',
        '7',
        'true',
        '[{}]',
        '[['.repeat(9_000),
        '{"a":'.repeat(9_000),
        '{"env":"x"',
        '\ufeff\ufeff{}',
      ),
      fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Uint8Array.from([0xff, ...bytes])),
      fc.constant(' '.repeat(70_000)),
    ),
  )
  .map(([route, body]): MalformedRequest => ({ method: route.method, path: route.path, body, headers: json }));

const wrongHeader = fc
  .tuple(
    bodyRoute,
    fc.constantFrom<Record<string, string>>(
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/xml; charset=utf-8' },
      { 'Content-Type': 'application/json; charset="', 'Content-Encoding': 'br' },
      { ...json, 'Content-Encoding': 'gzip' },
      { ...json, 'X-API-Key': 'SP_x', Authorization: 'Bearer x' },
      { ...json, 'X-API-Key': '', Authorization: '' },
      { ...json, 'X-API-Key': `SP_${'f'.repeat(32)}`, Authorization: `Basic ${'f'.repeat(32)}` },
    ),
  )
  .map(([route, headers]): MalformedRequest => {
    return { method: route.method, path: route.path, body: JSON.stringify(route.valid), headers };
  });

const hostileSegment = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
  fc.constantFrom(
    '%',
    '%f',
    '%zz',
    '%00',
    'a%00b',
    '%ff',
    '..%2f',
    '%2e%2e',
    "'",
    "'%20or%201=1--",
    `${UUID}0`,
    'NaN',
    '-1',
    'x'.repeat(2_000),
  ),
);
const METHODS = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE');

const wrongPath = fc
  .tuple(METHODS, fc.constantFrom('/deployments/', '/projects/', '/', '/health/', '/deployments/x/'), hostileSegment)
  .map(
    ([method, prefix, segment]): MalformedRequest => ({ method, path: prefix + segment, body: undefined, headers: {} }),
  );

const wrongMethod = fc
  .tuple(
    fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'PURGE'),
    fc.constantFrom('/deployments', '/health', '/metrics', `/deployments/${UUID}`, '/livez'),
  )
  .map(([method, path]): MalformedRequest => ({ method, path, body: undefined, headers: {} }));

const wrongQuery = fc
  .tuple(
    fc.constantFrom('/deployments', '/projects'),
    fc.oneof(
      fc.constantFrom(
        'limit=0',
        'limit=201',
        'limit=x',
        'limit=%00',
        'limit=1&limit=2',
        'cursor=x&cursor=y',
        `cursor=${'A'.repeat(300)}`,
      ),
      fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((bytes) => `cursor=${Buffer.from(bytes).toString('base64url')}`),
      fc
        .bigInt({ min: -(10n ** 20n), max: -1n })
        .map((time) => `cursor=${Buffer.from(`${time} ${UUID}`).toString('base64url')}`),
      fc
        .bigInt({ min: 10n ** 15n, max: 10n ** 20n })
        .map((time) => `cursor=${Buffer.from(`${time} ${UUID}`).toString('base64url')}`),
    ),
  )
  .map(
    ([path, query]): MalformedRequest => ({ method: 'GET', path: `${path}?${query}`, body: undefined, headers: {} }),
  );

const wrongCheck = fc
  .constantFrom(
    'days=0',
    'days=8',
    'days=1e1',
    'days=%00',
    'days=1&days=2',
    'env=%00',
    `env=${'e'.repeat(65)}`,
    'env=a&env=b',
    'error_rate_rise=0',
    'latency_p95_growth=1e1',
    'latency_p95_growth=-1',
    'cpu_usage_rise=NaN',
    `memory_usage_rise=0.${'1'.repeat(300)}`,
    'requests_per_sec_drop=0.5&requests_per_sec_drop=0.5',
  )
  .map((query): MalformedRequest => {
    return { method: 'GET', path: `/projects/${UUID}/aa-check?${query}`, body: undefined, headers: {} };
  });

/** `count` requests, each with at least one fault; the same ones for the same seed. */
export function malformedRequests(count: number, seed: number): MalformedRequest[] {
  const any = fc.oneof(
    { weight: 5, arbitrary: wrongField },
    { weight: 3, arbitrary: wrongBody },
    { weight: 1, arbitrary: wrongHeader },
    { weight: 2, arbitrary: wrongPath },
    { weight: 1, arbitrary: wrongMethod },
    { weight: 2, arbitrary: wrongQuery },
    { weight: 1, arbitrary: wrongCheck },
  );
  return fc.sample(any, { numRuns: count, seed });
}
