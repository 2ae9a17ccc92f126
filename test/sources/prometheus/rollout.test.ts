import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MonitoringServer } from '../../../harness/monitoring-server.ts';
import type { PrometheusSettings } from '../../../src/model/source.ts';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { createPrometheusClient, type PrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../../src/sources/prometheus/credentials.ts';
import { selectVersions } from '../../../src/sources/prometheus/versions.ts';
import { type SeriesServer, seriesServers } from '../../support/series-servers.ts';
import { histogram, type SyntheticSeries } from '../../support/synthetic-series.ts';

const DURATION = 'http_request_duration_seconds';
/** Seconds after the first scrape: the trigger, when new instances come, when the last old one goes. */
const TRIGGER = 1_200;
const COMES = 1_260;
const GONE = 1_380;
const ODD_NAME = 'v1.5+b"x\\y';

/** 10 requests/s; while both serve, each takes half. `fresh`: three times as slow, a fifth fails. */
function rolling(app: string, old: string, fresh: string): SyntheticSeries[] {
  const half = (seconds: number) => 10 * Math.min(seconds, COMES) + 5 * Math.max(0, Math.min(seconds, GONE) - COMES);
  const rest = (seconds: number) => 5 * Math.min(seconds - COMES, GONE - COMES) + 10 * Math.max(0, seconds - GONE);
  const of = (version: string, code: string, share: number, mean: number, at: SyntheticSeries['at']) =>
    histogram(DURATION, `app="${app}",version=${JSON.stringify(version)},code="${code}"`, {
      perSecond: share,
      mean,
      shares: { 0.1: 0.5, 0.5: 0.5 },
    }).map(({ series, at: unit }) => ({
      series,
      at: (seconds: number) => {
        const requests = at(seconds);
        return requests === null ? null : (unit(1) ?? 0) * requests;
      },
    }));
  return [
    ...of(old, '200', 1, 0.1, (s) => (s <= GONE ? half(s) : null)),
    ...of(fresh, '200', 0.8, 0.3, (s) => (s >= COMES ? rest(s) : null)),
    ...of(fresh, '500', 0.2, 0.3, (s) => (s >= COMES ? rest(s) : null)),
  ];
}

const SERIES: readonly SyntheticSeries[] = [
  ...rolling('shop', '1.4', '1.5'),
  ...rolling('odd', 'v1.4', ODD_NAME),
  ...histogram(DURATION, 'app="same",version="1.4",code="200"', { perSecond: 10, mean: 0.1, shares: { 0.1: 1 } }),
  ...histogram(DURATION, 'app="bare",code="200"', { perSecond: 10, mean: 0.1, shares: { 0.1: 1 } }),
  ...histogram(DURATION, 'app="canary",code="200"', { perSecond: 2, mean: 0.2, shares: { 0.1: 0.5, 0.5: 0.5 } }),
  ...histogram(DURATION, 'app="stable",code="200"', { perSecond: 8, mean: 0.1, shares: { 0.1: 0.5, 0.5: 0.5 } }),
  // The instance's own, not the version's.
  { series: 'process_cpu_seconds_total{app="shop"}', at: (seconds) => 0.25 * seconds },
  { series: 'container_cpu_usage_seconds_total{pod="shop-1",container="app"}', at: (seconds) => 0.3 * seconds },
  { series: 'kube_pod_container_resource_limits{pod="shop-1",container="app",resource="cpu"}', at: () => 1 },
];

it('versions are matched as they are called', () => {
  expect(selectVersions('a="b"', 'version', ['1.5', ODD_NAME])).toBe(
    String.raw`a="b",version=~"1\\.5|v1\\.5\\+b\"x\\\\y"`,
  );
  expect(selectVersions('', 'version', ['7'])).toBe('version=~"7"');
});

for (const server of seriesServers('tests of versions side by side')) {
  describe.skipIf(server.missing)(`versions side by side on ${server.name}`, () => provenOn(server));
}

function provenOn({ timeMs, start }: SeriesServer): void {
  let prometheus: MonitoringServer;
  let client: PrometheusClient;
  const request = (app: string, more: Partial<PrometheusSettings> = {}) => ({
    settings: {
      url: prometheus.url,
      preset: 'prom-client' as const,
      selector: `app="${app}"`,
      containers: null,
      queries: {},
      windowSeconds: 60,
      versionLabel: 'version',
      control: null,
      ...more,
    },
    credentials: NO_CREDENTIALS,
    timeoutMs: 60_000,
  });
  const minute = async (
    app: string,
    endSeconds: number,
    lastTrySeconds: number | null = null,
    version: string | null = null,
  ) =>
    await client.minute(request(app), timeMs + endSeconds * 1_000, {
      startedAtMs: timeMs + TRIGGER * 1_000,
      version,
      lastTryAtMs: lastTrySeconds === null ? null : timeMs + lastTrySeconds * 1_000,
    });
  async function readingOf(...of: Parameters<typeof minute>) {
    const came = await minute(...of);
    if (came.outcome !== 'ok') throw new Error(came.reason);
    return came.reading;
  }

  beforeAll(async () => {
    prometheus = await start(SERIES, { fromMs: timeMs, toMs: timeMs + 1_800_000, stepSeconds: 15 });
    client = createPrometheusClient({
      allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
    });
  });
  afterAll(async () => {
    await client?.close();
    await prometheus?.[Symbol.asyncDispose]();
  });

  it.each([
    ['shop', '1.4', '1.5'],
    ['odd', 'v1.4', ODD_NAME],
  ])('while both serve (%s), the new one is read alone, and the old one kept beside', async (app, old, fresh) => {
    const { numbers, missing, facts } = await readingOf(app, COMES + 90);
    expect(numbers.error_rate).toBeCloseTo(0.2, 2);
    expect(facts?.latencyMean).toBeCloseTo(300, 0);
    // Half of the traffic, and a CPU of both: neither says anything of the application after.
    expect(numbers).toMatchObject({ requests_per_sec: null, cpu_usage: null });
    expect(missing).toMatchObject({ requests_per_sec: 'not_measured', cpu_usage: 'not_measured' });
    expect(facts?.cpuCores).toBeUndefined();
    expect(facts?.requests).toBeCloseTo(300, -1);
    expect(facts?.versions).toEqual([fresh]);
    expect(facts?.control).toMatchObject({ versions: [old], numbers: { error_rate: 0 } });
    expect(facts?.control?.latencyMean).toBeCloseTo(100, 0);
  });

  it('in no minute of the update are both counted as after', async () => {
    for (let end = COMES + 30; end <= GONE + 180; end += 30) {
      const { numbers, facts } = await readingOf('shop', end);
      expect(numbers.error_rate ?? 0.2, `${end}`).toBeCloseTo(0.2, 2);
      expect(facts?.latencyMean ?? 300, `${end}`).toBeCloseTo(300, 0);
      if (numbers.requests_per_sec !== null) expect(end).toBeGreaterThanOrEqual(GONE + 60);
    }
  });

  it('once the old ones are gone all is the new one’s, also what carries no version', async () => {
    const { numbers, facts } = await readingOf('shop', GONE + 150);
    expect(numbers.requests_per_sec).toBeCloseTo(10, 0);
    expect(numbers.cpu_usage).toBeCloseTo(0.25, 3);
    expect(facts).toMatchObject({ versions: ['1.5'] });
    expect(facts?.control).toBeUndefined();
  });

  it('what containers tell is the sum of both while both serve, and left out', async () => {
    const during = async (end: number) => {
      const came = await client.minute(request('shop', { containers: 'pod=~"shop-.*"' }), timeMs + end * 1_000, {
        startedAtMs: timeMs + TRIGGER * 1_000,
        version: null,
        lastTryAtMs: null,
      });
      if (came.outcome !== 'ok') throw new Error(came.reason);
      return came.reading;
    };
    const both = await during(COMES + 90);
    expect(both.numbers.cpu_usage).toBeNull();
    expect(both.facts?.cpuCores).toBeUndefined();
    expect(both.facts?.control?.numbers.cpu_usage).toBeNull();
    const after = await during(GONE + 150);
    expect(after.numbers.cpu_usage).toBeCloseTo(0.3, 3);
    expect(after.facts?.cpuCores).toBeCloseTo(0.3, 3);
  });

  it.each([null, COMES + 60])('before a new one has come there is no minute after, last tried at %s', async (at) => {
    expect(await minute('shop', TRIGGER + 30, at)).toMatchObject({
      outcome: 'bad_body',
      reason: 'no version but 1.4 takes requests in this minute',
    });
  });

  it('a deployment that brings no other version is read as one, at the last try', async () => {
    expect(await minute('same', COMES + 90)).toMatchObject({ outcome: 'bad_body' });
    const { numbers, facts } = await readingOf('same', COMES + 90, COMES + 300);
    expect(numbers.requests_per_sec).toBeCloseTo(10, 1);
    expect(facts?.versions).toBeUndefined();
  });

  it('a version that CI names is none of before: deployed again it is read at once, promoted it is read alone', async () => {
    const { numbers } = await readingOf('same', COMES + 90, null, '1.4');
    expect(numbers.requests_per_sec).toBeCloseTo(10, 1);
    // Triggered while both serve.
    const promoted = await client.minute(request('shop'), timeMs + (COMES + 110) * 1_000, {
      startedAtMs: timeMs + (COMES + 75) * 1_000,
      version: '1.5',
      lastTryAtMs: null,
    });
    if (promoted.outcome !== 'ok') throw new Error(promoted.reason);
    expect(promoted.reading.numbers.error_rate).toBeCloseTo(0.2, 2);
    expect(promoted.reading.facts).toMatchObject({ versions: ['1.5'], control: { versions: ['1.4'] } });
  });

  it('where no series carries the label all is read as one, and the test says so', async () => {
    expect((await readingOf('bare', COMES + 90)).numbers.requests_per_sec).toBeCloseTo(10, 1);
    const examined = await client.examine(request('bare'), timeMs + COMES * 1_000);
    expect(examined).toMatchObject({ versions: { requests: {}, problem: expect.stringMatching(/label version/) } });
  });

  it('a test shows which versions serve', async () => {
    const examined = await client.examine(request('shop'), timeMs + (GONE - 30) * 1_000);
    if (examined.outcome !== 'examined') throw new Error(examined.reason);
    expect(Object.keys(examined.versions?.requests ?? {}).sort()).toEqual(['1.4', '1.5']);
    expect(examined.versions?.requests['1.5']).toBeCloseTo(5, 0);
    expect(examined.versions?.problem).toBeNull();
  });

  it('a control is read beside, now and in the past; a typo in it is told and costs nothing', async () => {
    const beside = request('canary', { versionLabel: null, control: 'app="stable"' });
    const endMs = timeMs + 1_500_000;
    const came = await client.minute(beside, endMs);
    if (came.outcome !== 'ok') throw new Error(came.reason);
    expect(came.reading.numbers.requests_per_sec).toBeCloseTo(2, 2);
    expect(came.reading.facts?.control?.numbers.requests_per_sec).toBeCloseTo(8, 2);
    expect(came.reading.facts?.control?.latencyMean).toBeCloseTo(100, 1);
    const span = await client.span(beside, { endMs, minutes: 5 });
    if ('outcome' in span) throw new Error(span.reason);
    expect(span).toHaveLength(5);
    for (const { reading } of span) {
      expect(reading.facts?.control?.numbers.requests_per_sec).toBeCloseTo(8, 2);
    }
    expect(await client.examine(beside, endMs)).toMatchObject({ control: { requests: expect.any(Number) } });
    const typo = request('canary', { versionLabel: null, control: 'app="stabel"' });
    expect((await client.minute(typo, endMs)).outcome).toBe('ok');
    expect(await client.examine(typo, endMs)).toMatchObject({
      success: true,
      control: { requests: null, problem: expect.stringMatching(/no series match app="stabel"; there are: .*stable/) },
    });
  });
}
