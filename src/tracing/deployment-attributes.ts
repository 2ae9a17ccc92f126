import type { Attributes } from '@opentelemetry/api';
import { type PipelineOutcome, resultOf } from '../model/deployment.ts';
import type { ToldVerdict } from '../model/telemetry.ts';
import { DEPLOYMENT_ID } from './deployment-trace.ts';

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/cicd: the registry's words for how a pipeline ended. */
const PIPELINE_RESULT: Readonly<Record<PipelineOutcome, string>> = {
  success: 'success',
  failed: 'failure',
  failure: 'failure',
  cancelled: 'cancellation',
  canceled: 'cancellation',
  skipped: 'skip',
};

/** Values of queries that the conventions want redacted in a full URL. */
const SIGNATURES = /([?&](?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&#]*/g;

/**
 * Which deployment it is, in the names of the semantic conventions where these have any; what CI did not say is left out.
 *
 * `service.name`, `service.version` and `deployment.environment.name` are not among them: they say who sends telemetry, and
 * that is SeqPulse, on whose resource they are. Backends that merge a record's attributes with its resource's would take
 * our records for the observed service's own, or it for us. So the observed one's stand below `seqpulse.observed`.
 * Who started the pipeline is left out: people are nobody's telemetry.
 */
export function deploymentAttributes({ deploymentId, env, identity }: Omit<ToldVerdict, 'judgement'>): Attributes {
  const { project, number, origin, pipelineOutcome } = identity;
  return withoutNulls({
    [DEPLOYMENT_ID]: deploymentId,
    'seqpulse.deployment.number': number,
    'seqpulse.project.name': project,
    'seqpulse.observed.environment.name': env,
    'seqpulse.observed.service.name': origin.service,
    'seqpulse.observed.service.version': origin.version,
    'deployment.id': deploymentId,
    'deployment.name': `${project} #${number}`,
    'deployment.status':
      pipelineOutcome === null ? null : resultOf(pipelineOutcome) === 'success' ? 'succeeded' : 'failed',
    'cicd.pipeline.result': pipelineOutcome === null ? null : PIPELINE_RESULT[pipelineOutcome],
    'cicd.pipeline.run.url.full': origin.buildUrl === null ? null : redacted(origin.buildUrl),
    'vcs.ref.head.name': origin.branch,
    'vcs.ref.head.revision': origin.commitSha,
  });
}

/** As https://opentelemetry.io/docs/specs/semconv/registry/attributes/url asks of a full URL; null when it is none. */
export function redacted(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.username !== '') parsed.username = 'REDACTED';
  if (parsed.password !== '') parsed.password = 'REDACTED';
  return parsed.href.replace(SIGNATURES, '$1REDACTED');
}

function withoutNulls(attributes: Readonly<Record<string, string | number | null>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== null),
  );
}
