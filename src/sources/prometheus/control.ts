import { controlOf, type Reading } from '../../model/sample.ts';
import type { PrometheusSettings } from '../../model/source.ts';

/** The settings that read a source's control; null: it has none. */
export function controlSettings(settings: PrometheusSettings): PrometheusSettings | null {
  return settings.control === null ? null : { ...settings, selector: settings.control, custom: [] };
}

export function withControl(reading: Reading, control: Reading): Reading {
  return { ...reading, facts: { ...reading.facts, control: controlOf(control) } };
}
