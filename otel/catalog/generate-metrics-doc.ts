/**
 * Writes docs/metrics.md from the catalogue: `npm run generate`.
 * With `--check` it says whether the page is current.
 */
import { writeOrCheck } from '../../scripts/generated-file.ts';
import { allMetrics } from './catalog.ts';
import { type Label, type Metric, seriesLimitOf } from './metric.ts';

const SETTING = '`SEQPULSE_OTLP_METRIC_NAMES`';

/** The whole page as Markdown. */
export function renderMetricsDoc(metrics: readonly Metric[]): string {
  const own = metrics.filter(({ name }) => name.startsWith('seqpulse_'));
  const runtime = metrics.filter(({ name }) => !name.startsWith('seqpulse_'));
  return `<!-- Generated from otel/catalog/catalog.ts by otel/catalog/generate-metrics-doc.ts: edit the catalogue, then \`npm run generate\`. -->
# Metrics

What \`GET /metrics\` serves, and what is pushed by OTLP when \`OTEL_METRICS_EXPORTER\` says so: the same names and the same
labels either way. Names, labels and buckets are a contract with dashboards and alerts: renaming one is a breaking change.

- A counter whose labels are all closed sets is there from the start, at 0.
- A number that cannot be known at the moment (the database is down) is left out, never repeated.
- No label holds an id, a URL or a message. Beyond its limit of label sets a metric counts into one series with
  \`otel_metric_overflow="true"\`.
- \`target_info\` carries \`service_name\`, \`service_version\`, \`service_instance_id\`, \`deployment_environment_name\`,
  \`telemetry_sdk_*\`, \`process_runtime_*\` and what \`OTEL_RESOURCE_ATTRIBUTES\` adds; no command line, user or path.
- Each is an OpenTelemetry instrument, mapped by a view. With \`SEQPULSE_OTLP_METRIC_NAMES=both\` those that the semantic
  conventions know are pushed by OTLP under their own names too, with the attributes and buckets of the conventions;
  \`/metrics\` stays as it is. Through the Collector's Prometheus page they are then there as well
  (\`http_server_request_duration_seconds\`).

## SeqPulse

${own.map(section).join('\n')}
## Process and runtime

${runtime.map(section).join('\n')}`;
}

function section(metric: Metric): string {
  const lines = [`### ${metric.name}`, '', metric.description, '', `- ${metric.kind}, unit \`${metric.unit}\``];
  for (const label of metric.labels) lines.push(`- label \`${label.name}\`: ${valuesOf(label)}`);
  if (metric.buckets !== undefined) lines.push(`- buckets (${metric.unit}): ${metric.buckets.join(' ')}`);
  if (metric.labels.length > 0) lines.push(`- at most ${seriesLimitOf(metric)} label sets`);
  lines.push(`- OpenTelemetry instrument \`${metric.recordedAs.instrument}\``);
  if (metric.convention !== undefined) lines.push(`- by that name too where ${SETTING} says so${conventionOf(metric)}`);
  lines.push('');
  return lines.join('\n');
}

function valuesOf(label: Label): string {
  const values =
    typeof label.values === 'string' ? label.values : label.values.map((value) => `\`${value}\``).join(', ');
  const missing = label.missing === undefined ? '' : `; \`${label.missing}\` when there is none`;
  const renamed = label.attribute === label.name ? '' : ` (recorded as \`${label.attribute}\`)`;
  return `${values}${missing}${renamed}`;
}

function conventionOf({ convention }: Metric): string {
  const attributes = convention?.attributes ?? [];
  return attributes.length === 0 ? '' : `, with ${attributes.map((name) => `\`${name}\``).join(', ')}`;
}

if (import.meta.main) writeOrCheck('docs/metrics.md', renderMetricsDoc(allMetrics));
