import { createHash } from 'node:crypto';
import type { CustomMetric } from '../verdict/custom/custom-metric.ts';
import type { MetricName } from '../verdict/types.ts';

/**
 * Where the samples of a place (a project's environment) come from, as it is stored: secrets are sealed. One shape a
 * kind; sources/read-source.ts is the one switch that knows them all.
 */
export type Source = PullSource | PrometheusSource | OtlpSource;

/** Of these, minutes of the past can be asked for. */
export type PastSource = PrometheusSource | OtlpSource;

/** The application serves its five numbers itself. */
export interface PullSource {
  readonly kind: 'pull';
  readonly projectId: string;
  readonly url: string;
  /** The project's HMAC secret; null: requests are not signed. */
  readonly sealedSecret: Buffer | null;
}

/** Whatever answers Prometheus' HTTP API: it holds the past too. */
export interface PrometheusSource {
  readonly kind: 'prometheus';
  readonly projectId: string;
  readonly settings: PrometheusSettings;
  /** PrometheusCredentials as JSON; null: none are sent. */
  readonly sealedCredentials: Buffer | null;
}

/** Whatever pushes OTLP to this installation, with the project's key. */
export interface OtlpSource {
  readonly kind: 'otlp';
  readonly projectId: string;
  /** Whose points are read; null: of all environments (a test of the project's default). */
  readonly env: string | null;
  readonly settings: OtlpSettings;
}

export interface OtlpSettings {
  readonly type: 'otlp';
  /** `service.name`; null: whatever the project sends for the environment is one application. */
  readonly serviceName: string | null;
  /** New versions become no deployments; absent: they do. */
  readonly detect?: false;
  /** Metrics of the team's own, in the order in which they are shown; absent: none. */
  readonly custom?: readonly CustomInstrument[];
}

/** Points of one instrument: those that have all of these attributes, with these values as text; none: all of them. */
export interface InstrumentPoints {
  readonly instrument: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const STATISTICS = ['mean', 'sum', 'p95'] as const;

/** What is made of them: part of the source, as a query is part of a Prometheus. */
export interface CustomInstrument extends CustomMetric, InstrumentPoints {
  /**
   * Of a level: of a gauge the mean or the sum of its streams, of a histogram the mean or the 95th percentile of what it
   * observed. null: shares and rates.
   */
  readonly statistic: (typeof STATISTICS)[number] | null;
  /** What a share is of; null: levels and rates. */
  readonly of: InstrumentPoints | null;
}

/** Of what is asked, by kind. Nothing in here is secret. */
export type SourceSettings = PrometheusSettings | OtlpSettings;

export function isOtlpSettings(settings: SourceSettings): settings is OtlpSettings {
  return 'type' in settings;
}

export const PRESET_NAMES = [
  'otel',
  'fastapi',
  'go',
  'prom-client',
  'micrometer',
  'istio',
  'ingress-nginx',
  'traefik',
  'envoy',
  'linkerd',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** Nothing in here is secret: it is shown, and it is what makes two sources the same. */
export interface PrometheusSettings {
  /** Without the API's own path (`/api/v1`). */
  readonly url: string;
  /** null: not found yet, or every number has a query of its own. */
  readonly preset: PresetName | null;
  /** Label matchers without braces; empty: none. */
  readonly selector: string;
  /** Matchers of the containers that the application runs in, where cadvisor tells CPU and memory; null: it does not. */
  readonly containers: string | null;
  /** PromQL with $selector and $window, for numbers that no preset tells. */
  readonly queries: Readonly<Partial<Record<MetricName, string>>>;
  /** What $window stands for; null: not found yet. */
  readonly windowSeconds: number | null;
  /** The label whose values are the application's versions; null: they are not told apart. */
  readonly versionLabel: string | null;
  /** The server keeps the application's histograms as native ones: there are no series _bucket, _count and _sum. */
  readonly nativeHistograms?: true;
  /** New versions become no deployments; absent: they do. No part of what the source is called by. */
  readonly detect?: false;
  /** Label matchers, in place of the selector's, of what runs beside and is not deployed to; null: there is none. */
  readonly control: string | null;
  /** Metrics of the team's own, in the order in which they are shown; absent: none. */
  readonly custom?: readonly CustomQuery[];
}

/** Part of the source, for a query means nothing without where it is asked, and its numbers nothing without their meaning. */
export interface CustomQuery extends CustomMetric {
  /** PromQL with $selector and $window that comes to one series. */
  readonly query: string;
  /** The same for the events per second behind it, where it is counted; null: the application's requests. */
  readonly events: string | null;
}

export interface PrometheusCredentials {
  readonly auth:
    | { readonly type: 'none' }
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string };
  readonly headers: Readonly<Record<string, string>>;
}

/** A source that is asked, at one place, as people see it. */
export interface AskedSource {
  /** null = the project's default. */
  readonly env: string | null;
  readonly candidate: StoredSettings | null;
  readonly active: StoredSettings | null;
  readonly lastTestedAt: Date | null;
  readonly lastTestError: string | null;
}

export interface StoredSettings {
  readonly settings: SourceSettings;
  /** Always null for OTLP. */
  readonly sealedCredentials: Buffer | null;
}

/** Seconds after a minute's end at which a source that holds the past is asked for it: scrapes have come in by then. */
export const SETTLE_SECONDS = 30;

/** Whether any minute can be asked for that the source still holds, or only the one that ends now. */
export function holdsPast(source: Source): source is PastSource {
  return source.kind !== 'pull';
}

const ASKED = 'prometheus:';
/** The view seqpulse.active_sources knows the kind by it. */
const PUSHED = 'otlp:';

/**
 * What a source is called by where two are compared: readings of another source are no baseline. Of an endpoint its URL;
 * of others a digest of all that is not secret, so that a new password is no new source.
 */
export function identityOf(source: Source): string {
  if (source.kind === 'pull') return source.url;
  if (source.kind === 'otlp') return pushedIdentity(source.settings);
  const { url, preset, selector, containers, queries, windowSeconds, ...more } = source.settings;
  const { versionLabel, control, nativeHistograms = false } = more;
  const own = Object.entries(queries).sort(([a], [b]) => (a < b ? -1 : 1));
  // What came later is only there where it is set: sources keep the name that they had.
  const later: (string | null)[] =
    versionLabel === null && control === null && !nativeHistograms ? [] : [versionLabel, control];
  if (nativeHistograms) later.push('native');
  const custom = (source.settings.custom ?? []).map(customIdentity);
  if (custom.length > 0) later.push(JSON.stringify(custom));
  const text = JSON.stringify([url, preset, selector, containers, own, windowSeconds, ...later]);
  return `${ASKED}${createHash('sha256').update(text).digest('hex')}`;
}

/** Of one kind alone: a name that says which service. */
function pushedIdentity({ serviceName, custom = [] }: OtlpSettings): string {
  const later = custom.length === 0 ? [] : [custom.map(instrumentIdentity)];
  return `${PUSHED}${createHash('sha256')
    .update(JSON.stringify([serviceName, ...later]))
    .digest('hex')}`;
}

function instrumentIdentity(metric: CustomInstrument): unknown[] {
  const { name, unit, kind, worse, matters, isCounted, statistic, of } = metric;
  const points = (one: InstrumentPoints) => [
    one.instrument,
    Object.entries(one.attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const meaning = [name, unit, kind, worse, matters.relative, matters.absolute, isCounted, statistic];
  return [...meaning, points(metric), of === null ? null : points(of)];
}

/** In one order, whatever order the settings were stored in. */
function customIdentity({ name, unit, kind, worse, matters, isCounted, query, events }: CustomQuery): unknown[] {
  return [name, unit, kind, worse, matters.relative, matters.absolute, isCounted, query, events];
}

/** Whether what a deployment is read from is an endpoint, which CI may name. */
export function isEndpointIdentity(identity: string): boolean {
  return !identity.startsWith(ASKED) && !identity.startsWith(PUSHED);
}
