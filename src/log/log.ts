import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * JSON, one line an event, on standard output by default. Inside a request or job of a trace each line carries its ids, so
 * that a log line leads to the trace and back.
 */
export function createLogger(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin() {
      const span = trace.getActiveSpan()?.spanContext();
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    },
  };
  return pino(options, destination);
}

/** Standard output, and beside it `also`: each line is handed on while what it tells of happens. */
export function createLogDestination(also: ((line: string) => void) | null): DestinationStream {
  const standardOutput = pino.destination(1);
  if (also === null) return standardOutput;
  return {
    write(line: string) {
      standardOutput.write(line);
      also(line);
    },
  };
}
