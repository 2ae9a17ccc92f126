import { PRESET_NAMES, type SourceSettings } from '../model/source.ts';
import { METRICS } from '../verdict/types.ts';
import { toCustomInstruments, toCustomQueries } from './stored-custom.ts';
import { isNumber, property } from './stored-json.ts';
import { STORED_SHAPES } from './stored-shapes.ts';

/** null: without a URL it is none, but for OTLP, which has none. */
export function toSettings(stored: unknown): SourceSettings | null {
  if (property(stored, 'type') === 'otlp') {
    const serviceName = property(stored, 'serviceName');
    return {
      type: 'otlp',
      serviceName: typeof serviceName === 'string' ? serviceName : null,
      ...detectOf(stored),
      ...toCustomInstruments(property(stored, 'custom')),
    };
  }
  const url = property(stored, 'url');
  if (typeof url !== 'string') return null;
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
  const windowSeconds = property(stored, 'windowSeconds');
  const own = METRICS.map((name) => [name, property(property(stored, 'queries'), name)] as const);
  return {
    url,
    preset: PRESET_NAMES.find((name) => name === property(stored, 'preset')) ?? null,
    selector: textOf(property(stored, 'selector')) ?? '',
    containers: textOf(property(stored, 'containers')),
    queries: Object.fromEntries(own.filter(([, query]) => typeof query === 'string')),
    windowSeconds: isNumber(windowSeconds) ? windowSeconds : null,
    versionLabel: textOf(property(stored, 'versionLabel')),
    control: textOf(property(stored, 'control')),
    ...(property(stored, 'nativeHistograms') === true ? { nativeHistograms: true } : {}),
    ...detectOf(stored),
    ...toCustomQueries(property(stored, 'custom')),
  };
}

function detectOf(stored: unknown): { readonly detect?: false } {
  return property(stored, 'detect') === false ? { detect: false } : {};
}

export function fromSettings(settings: SourceSettings): string {
  return JSON.stringify({ shape: STORED_SHAPES.settings, ...settings });
}
