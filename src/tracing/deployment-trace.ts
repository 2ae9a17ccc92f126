import { context, isSpanContextValid, type Link, type SpanContext, trace } from '@opentelemetry/api';

/** The attribute that every span of a deployment carries: what one searches a trace store for. */
export const DEPLOYMENT_ID = 'seqpulse.deployment.id';

/** Version 00 of W3C's traceparent, the one there is: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** W3C traceparent of what runs now, whatever propagators are configured; null without a trace. */
export function activeTraceParent(): string | null {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !isSpanContextValid(span)) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/**
 * What runs now belongs to a deployment: its span gets the deployment's id (otel/signals/deployment-spans.ts hands it to the
 * spans inside) and a link to `triggeredIn`, the traceparent of the deployment's trigger, when that was another trace.
 */
export function joinDeployment(deploymentId: string, triggeredIn: string | null): void {
  const span = trace.getActiveSpan();
  // The span of a request ends when its client hangs up, whatever still goes on for it.
  if (span === undefined || !span.isRecording()) return;
  span.setAttribute(DEPLOYMENT_ID, deploymentId);
  span.addLinks(linksToTrigger(triggeredIn, span.spanContext().traceId));
}

/** One link to the trigger's span, or none when it is unknown or in the trace `ownTraceId` itself. */
export function linksToTrigger(triggeredIn: string | null | undefined, ownTraceId: string | undefined): Link[] {
  const target = parseTraceParent(triggeredIn ?? '');
  return target === null || target.traceId === ownTraceId ? [] : [{ context: target }];
}

function parseTraceParent(text: string): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const parsed = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(parsed) ? parsed : null;
}
