import { type Attributes, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { TraceStatements } from '../db/connection/pool.ts';
import { parseDatabaseUrl } from '../model/database-url.ts';
import { summarizeStatement } from './statement-summary.ts';
import { ownTracer } from './tracer.ts';

/** Statements are written in code, so there are about a hundred; the limit only keeps a mistake of ours from growing. */
const MAX_KNOWN = 1_000;
/** A transaction's own words: of its end one wants to know how long it took, of its beginning nothing. */
const UNTRACED = new Set(['begin', 'rollback']);

interface Described {
  readonly name: string;
  readonly attributes: Attributes;
}

/** @param connectionString names database, host and port for the spans; user and password stay off them. */
export function createStatementSpans(connectionString: string): TraceStatements {
  const tracer = ownTracer();
  const place = placeOf(connectionString);
  const known = new Map<string, Described>();
  const describe = (text: string): Described => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const described = describeStatement(text, place);
    if (known.size < MAX_KNOWN) known.set(text, described);
    return described;
  };
  return (connection) => ({
    async query(text, values) {
      const active = context.active();
      if (UNTRACED.has(text) || trace.getSpan(active) === undefined) return await connection.query(text, values);
      const { name, attributes } = describe(text);
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, active);
      try {
        return await connection.query(text, values);
      } catch (error) {
        const code = String((error as { code?: unknown }).code ?? (error as Error).name);
        span.setAttributes({ 'error.type': code, 'db.response.status_code': code });
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  });
}

/** https://opentelemetry.io/docs/specs/semconv/database/database-spans: named after its summary. */
function describeStatement(text: string, place: Attributes): Described {
  const summary = summarizeStatement(text);
  return { name: summary, attributes: { ...place, 'db.query.summary': summary, 'db.query.text': text.trim() } };
}

function placeOf(connectionString: string): Attributes {
  const { hosts, database } = parseDatabaseUrl(connectionString) ?? { hosts: [], database: null };
  // Of several hosts the first: which of them answers may change with every connection.
  const [first] = hosts;
  return {
    'db.system.name': 'postgresql',
    ...(database === null ? {} : { 'db.namespace': database }),
    // A socket's folder is an address too, and its port is part of the file's name.
    ...(first === undefined ? {} : { 'server.address': first.host, 'server.port': first.port }),
  };
}
