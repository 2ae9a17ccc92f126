import type { Attributes } from '@opentelemetry/api';

/**
 * Resource attributes → labels that Prometheus takes, for `target_info`. The operator may write what he likes into
 * OTEL_RESOURCE_ATTRIBUTES, and one label name that is given twice or is none makes Prometheus drop the whole page.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 *
 * Attributes whose names become one label share it: their values, in the order of their own names, joined by `;`.
 * A name of which nothing is left and a value that is empty give no label; to Prometheus both are absent.
 * Quotes, backslashes and line ends in values are the format's to escape.
 */
export function toResourceLabels(attributes: Attributes): Record<string, string> {
  const values = new Map<string, { readonly attribute: string; readonly value: string }[]>();
  for (const [attribute, value] of Object.entries(attributes)) {
    const label = toLabelName(attribute);
    if (label === null || value === undefined || value === null) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    values.set(label, [...(values.get(label) ?? []), { attribute, value: text }]);
  }
  const labels: Record<string, string> = {};
  for (const [label, shared] of values) {
    const inOrder = shared.sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
    const joined = inOrder.map(({ value }) => value).join(';');
    if (joined !== '') labels[label] = joined;
  }
  return labels;
}

/** As the Collector names it: `_` for what a label may not have, a digit in front gets `key_`; null when nothing is left. */
function toLabelName(attribute: string): string | null {
  const name = attribute.replace(/[^a-zA-Z0-9]+/g, '_');
  if (name === '' || name === '_') return null;
  return /^\d/.test(name) ? `key_${name}` : name;
}
