import type { SecretBox } from '../data-folder/secret-box.ts';
import { isOtlpSettings, type PrometheusSettings, type StoredSettings } from '../model/source.ts';
import type { PlaceSources } from '../projects/sources.ts';
import { openCredentials } from '../sources/prometheus/credentials.ts';
import type { Examination } from '../sources/source.ts';
import { showCustomInstrument, showCustomMetric } from './custom-metric-views.ts';

const time = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;

/** What is set at a place, and what is active there. Of secrets only that there are some. */
export function showPlace(secretBox: SecretBox, projectId: string, { env, asked, endpoint }: PlaceSources): object {
  const shown = (stored: StoredSettings | null | undefined) =>
    stored == null ? null : showSettings(secretBox, projectId, stored);
  const pull = (url: string | null | undefined) => (url == null ? null : { type: 'pull', url });
  const isAsked = asked !== null && (asked.candidate !== null || asked.active !== null);
  const tested = isAsked && (asked.candidate !== null || endpoint?.candidateUrl == null) ? asked : endpoint;
  return {
    env,
    active: shown(asked?.active) ?? pull(endpoint?.activeUrl),
    candidate: shown(asked?.candidate) ?? pull(endpoint?.candidateUrl),
    last_tested_at: time(tested?.lastTestedAt),
    last_test_error: tested?.lastTestError ?? null,
  };
}

function showSettings(secretBox: SecretBox, projectId: string, { settings, sealedCredentials }: StoredSettings) {
  return isOtlpSettings(settings)
    ? {
        type: 'otlp',
        service_name: settings.serviceName,
        detect: settings.detect ?? true,
        metrics: (settings.custom ?? []).map(showCustomInstrument),
      }
    : showPrometheus(secretBox, projectId, settings, sealedCredentials);
}

function showPrometheus(
  secretBox: SecretBox,
  projectId: string,
  settings: PrometheusSettings,
  sealedCredentials: Buffer | null,
) {
  const { auth, headers } = openCredentials(secretBox, { projectId, sealedCredentials });
  return {
    type: 'prometheus',
    url: settings.url,
    preset: settings.preset,
    selector: settings.selector,
    containers: settings.containers,
    auth: auth.type === 'basic' ? { type: auth.type, username: auth.username } : { type: auth.type },
    headers: Object.keys(headers),
    queries: settings.queries,
    window_seconds: settings.windowSeconds,
    ...(settings.nativeHistograms ? { native_histograms: true } : {}),
    version_label: settings.versionLabel,
    detect: settings.detect ?? true,
    control: settings.control === null ? null : { selector: settings.control },
    metrics: (settings.custom ?? []).map(showCustomMetric),
  };
}

/** What a test read, number by number. */
export function showTest(examination: Examination): object {
  const { latencyBucket } = examination;
  return {
    scrape_interval_seconds: examination.scrapeIntervalSeconds,
    numbers: Object.fromEntries(
      examination.numbers.map((number) => [
        number.metric,
        {
          value: number.value,
          query: number.query,
          series: number.series,
          minutes_with_data: number.minutesWithData,
          warnings: number.warnings,
          problem: number.problem,
        },
      ]),
    ),
    latency_mean: examination.latencyMean,
    latency_p95_bucket: latencyBucket === null ? null : [latencyBucket.low, latencyBucket.high],
    cpu_cores: examination.cpuCores,
    ...(examination.versions === null ? {} : { versions: examination.versions }),
    ...(examination.control === null ? {} : { control: examination.control }),
    ...(examination.custom.length === 0
      ? {}
      : {
          custom: Object.fromEntries(
            examination.custom.map(({ name, minutesWithData, ...found }) => [
              name,
              { ...found, minutes_with_data: minutesWithData },
            ]),
          ),
        }),
  };
}
