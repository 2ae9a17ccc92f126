import { type Environment, listOf, otlpSettingOf, type Signal, settingOf } from './environment.ts';
import { endpointRule, HEADERS_RULE, RATIO_SAMPLERS, RULES, type Rule } from './rules.ts';

export interface ReadEnvironment {
  /** The environment without what is ignored: all that is read from here on, by the SDK too. */
  readonly env: Environment;
  /** What stops the start, each naming its variable and what was expected. */
  readonly faults: readonly string[];
  /** What is ignored, in the same words. */
  readonly notices: readonly string[];
}

const SIGNALS: readonly Signal[] = ['METRICS', 'TRACES', 'LOGS'];

/**
 * Reads every OTEL_* variable there is a rule for. What does not fit is ignored and said. Only an endpoint or headers
 * of a signal that is pushed stop the start: all of it would go nowhere, for as long as the service runs.
 */
export function readEnvironment(given: Environment): ReadEnvironment {
  const env: Record<string, string | undefined> = { ...given };
  const notices: string[] = [];
  const faults: string[] = [];
  for (const [name, rule] of Object.entries(RULES)) {
    const value = settingOf(env, name);
    if (value === undefined || isWithoutEffect(name, env)) continue;
    const { usable, right } = rule.read(value);
    env[name] = usable ?? undefined;
    if (!right) notices.push(`${describe(name, rule, value)} ${usable === null ? 'It is' : 'The rest is'} ignored.`);
  }
  const disabled = env.OTEL_SDK_DISABLED === 'true';
  for (const { name, rule, used } of otlpPlaces(env)) {
    const value = settingOf(env, name);
    if (value === undefined || rule.read(value).right) continue;
    if (used && !disabled) faults.push(describe(name, rule, value));
    else env[name] = undefined;
  }
  return { env, faults, notices: disabled ? [] : notices };
}

/** The argument of another sampler than these is in another form (an address, a list), and is not read. */
function isWithoutEffect(name: string, env: Environment): boolean {
  return name === 'OTEL_TRACES_SAMPLER_ARG' && !RATIO_SAMPLERS.includes(env.OTEL_TRACES_SAMPLER ?? '');
}

function otlpPlaces(env: Environment): { name: string; rule: Rule; used: boolean }[] {
  const pushed = SIGNALS.filter((signal) => isPushed(env, signal));
  const toGeneral = pushed.filter((signal) => settingOf(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) === undefined);
  const spoken = new Set(toGeneral.map((signal) => otlpSettingOf(env, signal, 'PROTOCOL')));
  const general = endpointRule(spoken.size === 1 ? [...spoken][0] : undefined);
  return [
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', rule: general, used: toGeneral.length > 0 },
    { name: 'OTEL_EXPORTER_OTLP_HEADERS', rule: HEADERS_RULE, used: pushed.length > 0 },
    ...SIGNALS.flatMap((signal) => {
      const used = pushed.includes(signal);
      const rule = endpointRule(otlpSettingOf(env, signal, 'PROTOCOL'));
      return [
        { name: `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, rule, used },
        { name: `OTEL_EXPORTER_OTLP_${signal}_HEADERS`, rule: HEADERS_RULE, used },
      ];
    }),
  ];
}

/** Traces are pushed by default to an endpoint that is set, metrics and logs where their exporter says so. */
function isPushed(env: Environment, signal: Signal): boolean {
  if (otlpSettingOf(env, signal, 'ENDPOINT') === undefined) return false;
  const byDefault = signal === 'TRACES' ? 'otlp' : 'none';
  return listOf(settingOf(env, `OTEL_${signal}_EXPORTER`) ?? byDefault).includes('otlp');
}

/** Headers hold tokens and a URL may hold a password: their values are not repeated in a message. */
const SECRET = /_(HEADERS|ENDPOINT)$/;

function describe(name: string, rule: Rule, value: string): string {
  const got = SECRET.test(name) ? '' : `; got ${JSON.stringify(value.slice(0, 60))}`;
  return `${name}: expected ${rule.expected}${got}.`;
}
