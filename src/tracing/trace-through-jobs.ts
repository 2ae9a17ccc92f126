import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { JobData, TraceCarrier } from '../model/job.ts';
import { DEPLOYMENT_ID, linksToTrigger } from './deployment-trace.ts';
import { ownTracer } from './tracer.ts';

/** Into a job: the trace context of what runs now, for the data of the job that it enqueues. */
export function currentTrace(): TraceCarrier {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/**
 * Out of a job: runs `work` inside a span of its own that continues its enqueuer's trace; a job of a deployment whose finish came
 * without a traceparent is linked to the trigger's trace. Names and attributes follow the conventions for messaging.
 */
export async function inJobSpan<Result>(
  queue: string,
  job: { readonly id: string; readonly data: JobData },
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const { deploymentId, sequence, attempt, trace: carrier = {}, triggeredIn } = job.data;
  const parent = propagation.extract(context.active(), carrier);
  const span = ownTracer().startSpan(
    `process ${queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'pg_boss',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': queue,
        'messaging.message.id': job.id,
        [DEPLOYMENT_ID]: deploymentId,
        'seqpulse.job.sequence': sequence,
        'seqpulse.job.attempt': attempt + 1,
      },
      links: linksToTrigger(triggeredIn, trace.getSpanContext(parent)?.traceId),
    },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, span);
  } catch (cause) {
    markFailed(span, cause);
    throw cause;
  } finally {
    span.end();
  }
}

/** The kind of the error alone: a message may quote what somebody sent. */
export function markFailed(span: Span, cause: unknown): void {
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown };
  span.setAttribute('error.type', String(code ?? name ?? '_OTHER'));
  span.setStatus({ code: SpanStatusCode.ERROR });
}
