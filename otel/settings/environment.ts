/** The environment as a value: unset and blank mean the same, as OpenTelemetry's specification says. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Signal = 'METRICS' | 'TRACES' | 'LOGS';

export function settingOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** An OTLP setting of one signal: its own (`OTEL_EXPORTER_OTLP_TRACES_…`), else the general one. */
export function otlpSettingOf(env: Environment, signal: Signal, suffix: string): string | undefined {
  return settingOf(env, `OTEL_EXPORTER_OTLP_${signal}_${suffix}`) ?? settingOf(env, `OTEL_EXPORTER_OTLP_${suffix}`);
}

/** A comma list without blanks and repetitions. */
export function listOf(value: string | undefined): string[] {
  const items = (value ?? '').split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}

/** `key=value` pairs in a comma list, percent-decoded: the form of headers and resource attributes. Null when it is not one. */
export function pairsOf(value: string | undefined): Record<string, string> | null {
  const pairs: [string, string][] = [];
  for (const item of (value ?? '').split(',')) {
    if (item.trim() === '') continue;
    const equals = item.indexOf('=');
    if (equals <= 0) return null;
    try {
      pairs.push([decodeURIComponent(item.slice(0, equals).trim()), decodeURIComponent(item.slice(equals + 1).trim())]);
    } catch {
      return null;
    }
  }
  return Object.fromEntries(pairs);
}
