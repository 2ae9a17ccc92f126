/** One thing that is wrong with the environment; safe to print: `got` never holds a secret. */
export interface ConfigFault {
  /** The environment variable. */
  readonly name: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Completes "got …". */
  readonly got: string;
}

const LONGEST_SHOWN = 80;
/** Scheme, user and host of a URL whose only @ ends the password: in any other shape the password may be anywhere. */
const URL_WITH_PASSWORD =
  /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?<user>[^:@/?#\s]*)(:[^@/?#\s]*)?@(?<place>[^@?#\s]*)([?#][^@]*)?$/i;

/** The value as messages may show it. `secrecy` as in the table of settings. */
export function shown(value: string, secrecy: 'hidden' | 'masked' | undefined): string {
  if (secrecy === undefined) return quoted(value);
  const hidden = `a value of ${value.length === 1 ? '1 character' : `${value.length} characters`} (not shown)`;
  if (secrecy === 'hidden') return hidden;
  const url = URL_WITH_PASSWORD.exec(value)?.groups;
  return url === undefined ? hidden : quoted(`${url.scheme}${url.user}:***@${url.place}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}

/**
 * One message for all of them, several lines, without a trailing newline. `others`: faults that come as whole
 * sentences, from the OpenTelemetry variables that otel/ reads itself.
 */
export function describeFaults(faults: readonly ConfigFault[], others: readonly string[] = []): string {
  const total = faults.length + others.length;
  const count = total === 1 ? 'one setting is wrong' : `${total} settings are wrong`;
  const lines = [
    ...faults.map(({ name, expected, got }) => `  ${name}: expected ${expected}; got ${got}.`),
    ...others.map((fault) => `  ${fault}`),
  ];
  return [`SeqPulse did not start: ${count}.`, ...lines, 'All settings are described in docs/settings.md.'].join('\n');
}
