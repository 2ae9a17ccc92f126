import { type Tracer, trace } from '@opentelemetry/api';
import packageJson from '../../package.json' with { type: 'json' };
import { SCHEMA_URL, SCOPE_NAME } from '../model/telemetry.ts';

/** The scope of every span that we make ourselves. To be asked for when a span is made: before, nothing is registered. */
export function ownTracer(): Tracer {
  return trace.getTracerProvider().getTracer(SCOPE_NAME, packageJson.version, { schemaUrl: SCHEMA_URL });
}
