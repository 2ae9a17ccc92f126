import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';
import { readableLine, wantsColours } from './readable-lines.ts';

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

/**
 * Standard output, and beside it `also`: each line is handed on while what it tells of happens. Where standard output is a
 * terminal somebody sits there: the lines are made for reading. Everybody else gets JSON.
 */
export function createLogDestination(also: ((line: string) => void) | null): DestinationStream {
  const standardOutput = process.stdout.isTTY ? terminal() : pino.destination(1);
  if (also === null) return standardOutput;
  return {
    write(line: string) {
      standardOutput.write(line);
      also(line);
    },
  };
}

function terminal(): DestinationStream {
  const standardOutput = pino.destination(1);
  const colours = wantsColours(process.env);
  return { write: (line: string) => void standardOutput.write(readableLine(line, { colours })) };
}

/**
 * Tells somebody at a terminal which slow step of the start begins; says nothing where standard output is a pipe or a
 * file, or where less than information is wanted.
 */
export function createStartSteps(level: string): (step: string) => void {
  if (!process.stdout.isTTY || !['info', 'debug', 'trace'].includes(level)) return () => {};
  const write = terminal();
  return (msg) => void write.write(JSON.stringify({ level: 'info', time: new Date().toISOString(), msg }));
}
