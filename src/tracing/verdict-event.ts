import {
  type Attributes,
  type Context,
  context,
  diag,
  logs,
  ROOT_CONTEXT,
  SeverityNumber,
  type Span,
  trace,
} from '@opentelemetry/api';
import packageJson from '../../package.json' with { type: 'json' };
import { SCHEMA_URL, SCOPE_NAME, type ToldVerdict } from '../model/telemetry.ts';
import { headlineOf } from '../report/headline.ts';
import type { VerdictName } from '../verdict/types.ts';
import { deploymentAttributes } from './deployment-attributes.ts';
import { linksToTrigger } from './deployment-trace.ts';
import { ownTracer } from './tracer.ts';

/** The name of the OpenTelemetry event; a contract with whoever listens for it. */
export const VERDICT_EVENT = 'seqpulse.deployment.verdict';

const SEVERITY: Readonly<Record<VerdictName, readonly [SeverityNumber, string]>> = {
  ok: [SeverityNumber.INFO, 'INFO'],
  insufficient_data: [SeverityNumber.INFO, 'INFO'],
  attention: [SeverityNumber.WARN, 'WARN'],
  rollback_recommended: [SeverityNumber.ERROR, 'ERROR'],
};

/**
 * A verdict as an OpenTelemetry event, and as attributes of the span that gave it: that of the analysis' job. One that was
 * given outside of any (by the sweep over what is overdue) gets a span in the trace of the deployment's trigger. Where
 * neither logs nor spans are exported this comes to nothing.
 */
export function tellVerdict(told: ToldVerdict): void {
  try {
    tell(told);
  } catch (cause) {
    // It is stored and counted: nothing may go wrong with it for this.
    diag.error('a verdict could not be told', cause);
  }
}

function tell(told: ToldVerdict): void {
  const attributes = { ...deploymentAttributes(told), ...verdictAttributes(told) };
  const active = trace.getActiveSpan();
  if (active?.isRecording() === true) {
    active.setAttributes(attributes);
    emit(told, attributes, context.active());
    return;
  }
  const { span, within } = spanOfTrigger(told.triggeredIn, attributes);
  emit(told, attributes, within);
  span.end();
}

function spanOfTrigger(triggeredIn: string | null, attributes: Attributes): { span: Span; within: Context } {
  const [link] = linksToTrigger(triggeredIn, undefined);
  const parent = link === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, link.context);
  const span = ownTracer().startSpan('give verdict', { attributes }, parent);
  return { span, within: trace.setSpan(parent, span) };
}

function emit({ judgement, atMs }: ToldVerdict, attributes: Attributes, within: Context): void {
  const [severityNumber, severityText] = SEVERITY[judgement.verdict];
  logs.getLogger(SCOPE_NAME, packageJson.version, { schemaUrl: SCHEMA_URL }).emit({
    eventName: VERDICT_EVENT,
    timestamp: atMs,
    severityNumber,
    severityText,
    body: judgement.summary,
    attributes,
    context: within,
  });
}

function verdictAttributes({ judgement }: ToldVerdict): Attributes {
  const { verdict, confidence, details } = judgement;
  return {
    'seqpulse.verdict.name': verdict,
    'seqpulse.verdict.confidence': confidence,
    'seqpulse.verdict.headline': headlineOf({ verdict, details }),
    'seqpulse.verdict.failed_metrics': details
      .filter(({ severity }) => severity !== 'none')
      .map(({ metric }) => metric),
  };
}
