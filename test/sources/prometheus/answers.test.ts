import { describe, expect, it } from 'vitest';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { parseAnswer } from '../../../src/sources/prometheus/answer.ts';
import { createPrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { expand, queriesOf } from '../../../src/sources/prometheus/queries.ts';
import { bucketOf, sampleAt } from '../../../src/sources/prometheus/sample.ts';
import { parseSelector } from '../../../src/sources/prometheus/selector.ts';
import { serveHttp } from '../pull/loopback-target.ts';

const vector = (...values: string[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [60, value] })) },
  });

describe('an answer', () => {
  it('without series is a success, and not zero', () => {
    expect(parseAnswer(200, vector())).toEqual({ outcome: 'ok', series: [], warnings: [] });
  });

  it.each([
    ['NaN', Number.NaN],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['1e-3', 0.001],
  ])('of %s is that number', (text, value) => {
    expect(parseAnswer(200, vector(text))).toMatchObject({ series: [{ points: [[60_000, value]] }] });
  });

  it('with native histograms holds their times, and no number', () => {
    const histogram = { count: '3', sum: '1', buckets: [[0, '1', '2', '3']] };
    const result = [{ metric: {}, histograms: [60, 75].map((at) => [at, histogram]) }];
    const text = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
    const points = [60_000, 75_000].map((at) => [at, Number.NaN]);
    expect(parseAnswer(200, text)).toMatchObject({ outcome: 'ok', series: [{ points }] });
  });

  it('passes warnings on', () => {
    const text = JSON.stringify({ ...JSON.parse(vector('1')), warnings: ['store is away'], infos: ['no counter'] });
    expect(parseAnswer(200, text)).toMatchObject({ warnings: ['store is away', 'no counter'] });
  });

  it.each([
    [400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 'refused', /answered 400: parse error/],
    [422, '{"status":"error","errorType":"execution","error":"many-to-many"}', 'refused', /422: many-to-many/],
    [422, '{"status":"error","errorType":"timeout","error":"too slow"}', 'broken', /too slow/],
    [503, '{"status":"error","errorType":"timeout","error":"query timed out"}', 'broken', /503: query timed out/],
    [503, 'Service Unavailable', 'broken', /^answered 503$/],
    [401, 'Unauthorized', 'broken', /refuses the credentials; check auth/],
    [403, '{"status":"error","error":"no org id"}', 'broken', /X-Scope-OrgID/],
    [404, 'not found', 'broken', /set it without \/api\/v1/],
    [302, '', 'broken', /redirects are not followed/],
    [200, '<!doctype html><title>Sign in</title>', 'broken', /HTML.*login page/],
    [200, 'up 1', 'broken', /not JSON/],
    [200, '{"status":"ok"}', 'broken', /not a Prometheus’/],
    [200, '{"status":"success","data":{"resultType":"streams","result":[]}}', 'broken', /no vector, matrix or scalar/],
    [200, '{"status":"success","data":{"resultType":"vector","result":[7]}}', 'broken', /no vector/],
  ])('%i %s is %s', (status, text, outcome, reason) => {
    const answer = parseAnswer(status, text);
    expect(answer.outcome).toBe(outcome);
    expect(answer.outcome === 'ok' ? '' : answer.reason).toMatch(reason);
  });
});

describe('a selector', () => {
  it.each([
    ['service_name="checkout"', 'service_name="checkout"'],
    [' {a="1", b=~"x|y",} ', 'a="1",b=~"x|y"'],
    [`a='it',b!="say \\"hi\\""`, `a='it',b!="say \\"hi\\""`],
    ['"http.route"!~"/a.*"', '"http.route"!~"/a.*"'],
    ['', ''],
  ])('%s is read', (text, selector) => {
    expect(parseSelector(text)).toMatchObject({ ok: true, selector });
  });

  it.each(['checkout', 'a="1"} or vector(1', 'a="1" b="2"', 'a="1', 'a==1', '1a="x"', 'a="1",,b="2"'])(
    '%s is refused: it would become part of a query',
    (text) => {
      expect(parseSelector(text)).toMatchObject({ ok: false });
    },
  );
});

it('a query gets its selector and window, and keeps what only looks like one', () => {
  const settings = { selector: 'a="$window"', containers: null, windowSeconds: 120 };
  expect(expand('sum(rate(x{$selector}[$window])) + $windows', settings)).toBe(
    'sum(rate(x{a="$window"}[120s])) + $windows',
  );
});

it('native histograms are asked for as they are; what is no histogram’s is asked for as ever', () => {
  const settings = {
    url: '',
    preset: 'go' as const,
    selector: 'a="b"',
    containers: null,
    queries: {},
    windowSeconds: 60,
    versionLabel: null,
    control: null,
    nativeHistograms: true as const,
  };
  const { requests_per_sec, latency_p95, latencyMean, buckets, cpuCores } = queriesOf(settings);
  const rate = 'sum(rate(http_request_duration_seconds{a="b"}[60s]))';
  expect(requests_per_sec).toBe(`histogram_count(${rate})`);
  expect(latency_p95).toBe(`1000 * histogram_quantile(0.95, ${rate})`);
  expect(latencyMean).toBe(`1000 * histogram_sum(${rate}) / histogram_count(${rate})`);
  expect(buckets).toBeUndefined();
  expect(cpuCores).toContain('process_cpu_seconds_total');
  expect(queriesOf({ ...settings, preset: 'istio' }).requests_per_sec).toBe(
    'sum(rate(istio_requests_total{reporter="destination",a="b"}[60s]))',
  );
});

it('a p95 lies in the bucket with its edges; at or beyond the last one nobody knows', () => {
  expect(bucketOf(150, [100, 200, 400])).toEqual({ low: 100, high: 200 });
  expect(bucketOf(50, [100, 200, 400])).toEqual({ low: 0, high: 100 });
  expect(bucketOf(400, [100, 200, 400])).toBeNull();
  expect(bucketOf(150, [])).toBeNull();
});

it('a sample without any number is none, and says why', () => {
  const empty = parseAnswer(200, vector());
  const input = { answers: { requests_per_sec: empty }, atMs: 60_000, edgesMs: [], windowSeconds: 60 };
  expect(sampleAt(input)).toMatchObject({ ok: false, reason: expect.stringContaining('requests_per_sec has no data') });
});

describe('a server', () => {
  const settings = {
    url: '',
    preset: 'otel' as const,
    selector: 'a="1"',
    containers: null,
    queries: {},
    windowSeconds: 60,
    versionLabel: null,
    control: null,
  };
  const local = [{ address: '127.0.0.0', family: 'ipv4' as const, prefixBits: 8 }];

  it('gets a form, the credentials and own headers, below the path of its URL', async () => {
    await using target = await serveHttp((_request, response) => response.end(vector('0.5')));
    const client = createPrometheusClient({ allow: createAddressPolicy(local) });
    const reading = await client.minute(
      {
        settings: { ...settings, url: `http://127.0.0.1:${target.port}/prometheus` },
        credentials: {
          auth: { type: 'basic', username: 'me', password: 'pass' },
          headers: { 'X-Scope-OrgID': 'team' },
        },
        timeoutMs: 5_000,
      },
      60_000,
    );
    expect(reading.outcome).toBe('ok');
    expect(target.requests.length).toBeGreaterThan(4);
    for (const request of target.requests) {
      expect(request).toMatchObject({ method: 'POST', url: '/prometheus/api/v1/query' });
      expect(request.headers).toMatchObject({
        authorization: `Basic ${btoa('me:pass')}`,
        'x-scope-orgid': 'team',
        'content-type': 'application/x-www-form-urlencoded',
      });
    }
    await client.close();
  });

  it.each([
    ['that answers 503', (response: import('node:http').ServerResponse) => response.writeHead(503).end(), 'bad_status'],
    ['that shows a login page', (response: import('node:http').ServerResponse) => response.end('<html>'), 'bad_body'],
    ['that never answers', () => {}, 'timeout'],
    [
      'that sends more than 1 MiB',
      (response: import('node:http').ServerResponse) => response.end(' '.repeat(2 << 20)),
      'bad_body',
    ],
  ] as const)('%s has failed as a whole', async (_, answer, outcome) => {
    await using target = await serveHttp((_request, response) => void answer(response));
    const client = createPrometheusClient({ allow: createAddressPolicy(local) });
    const request = {
      settings: { ...settings, url: `http://127.0.0.1:${target.port}` },
      credentials: { auth: { type: 'none' as const }, headers: {} },
      timeoutMs: outcome === 'timeout' ? 500 : 20_000,
    };
    expect(await client.minute(request, 60_000)).toMatchObject({ outcome });
    expect(await client.span(request, { endMs: 60_000, minutes: 2 })).toMatchObject({ outcome });
  });

  it('inside the network is not asked, and the refusal names no address', async () => {
    await using target = await serveHttp((_request, response) => response.end(vector('1')));
    const client = createPrometheusClient({ allow: createAddressPolicy([]) });
    const reading = await client.minute(
      {
        settings: { ...settings, url: `http://127.0.0.1:${target.port}` },
        credentials: { auth: { type: 'bearer', token: 'secret' }, headers: {} },
        timeoutMs: 5_000,
      },
      60_000,
    );
    expect(reading).toMatchObject({ outcome: 'forbidden_address', reason: expect.stringMatching(/not public/) });
    expect(target.requests).toHaveLength(0);
  });
});
