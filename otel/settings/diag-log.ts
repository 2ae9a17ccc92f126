import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

/** An unreachable Collector fails every export, several times over: said once a minute, it is a warning and not a flood. */
const WARNING_INTERVAL_MS = 60_000;
/** An error may carry the body of somebody's error page. */
const MAX_MESSAGE_CHARS = 300;

/**
 * OpenTelemetry's own diagnostics as JSON lines in the shape of the service's log.
 * Warnings and errors come at most once a minute in all; the line says how many were left out since the last one.
 *
 * @param deps.secrets replaced by `***` wherever they appear.
 */
export function createDiagLog(deps: {
  readonly writeLine: (line: string) => void;
  readonly nowUnixMs: () => number;
  readonly secrets: readonly string[];
}): DiagLogger {
  let lastWarningMs = Number.NEGATIVE_INFINITY;
  let suppressed = 0;

  const write = (level: string, parts: readonly unknown[], more: Record<string, unknown> = {}): void => {
    let message = parts.map(describe).filter(Boolean).join(': ');
    for (const secret of deps.secrets) message = message.replaceAll(secret, '***');
    const msg = message.slice(0, MAX_MESSAGE_CHARS);
    const time = new Date(deps.nowUnixMs()).toISOString();
    deps.writeLine(JSON.stringify({ level, time, event: 'telemetry_diagnostic', ...more, msg }));
  };
  const warn = (...parts: unknown[]): void => {
    const nowMs = deps.nowUnixMs();
    if (nowMs - lastWarningMs < WARNING_INTERVAL_MS) {
      suppressed += 1;
      return;
    }
    write('warn', parts, suppressed === 0 ? {} : { suppressed });
    lastWarningMs = nowMs;
    suppressed = 0;
  };
  return {
    // The service goes on without its telemetry, so an error in there is a warning to its operator.
    error: warn,
    warn,
    info: (...parts) => write('info', parts),
    debug: (...parts) => write('debug', parts),
    verbose: (...parts) => write('trace', parts),
  };
}

/** OTEL_LOG_LEVEL → the level from which on the API calls the logger. */
export function diagLogLevelOf(name: string): DiagLogLevel {
  const levels: Readonly<Record<string, DiagLogLevel>> = {
    none: DiagLogLevel.NONE,
    error: DiagLogLevel.ERROR,
    warn: DiagLogLevel.WARN,
    info: DiagLogLevel.INFO,
    debug: DiagLogLevel.DEBUG,
    verbose: DiagLogLevel.VERBOSE,
    all: DiagLogLevel.ALL,
  };
  return levels[name] ?? DiagLogLevel.WARN;
}

/** Text and errors only: an object handed to a diagnostic may hold anything, request headers among it. */
function describe(part: unknown): string {
  if (typeof part === 'string') return part;
  if (!(part instanceof Error)) return '';
  // Connecting to a name with two addresses fails with an AggregateError whose own message is empty.
  const code = 'code' in part && typeof part.code === 'string' ? part.code : '';
  return part.message || code || part.name;
}
