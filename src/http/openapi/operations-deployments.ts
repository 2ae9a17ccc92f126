import * as deployments from './deployment-answer.ts';
import type { Operations } from './operation.ts';
import * as projects from './project-answer.ts';

/** What CI calls, and what reads deployments. */
export const DEPLOYMENT_OPERATIONS: Operations = {
  'POST /deployments/trigger': {
    summary: 'A deployment begins',
    description:
      'Checks come in this order: key, body, rate, environment, active source, `metrics_endpoint`, idempotency key, a ' +
      'deployment that runs, and with HMAC on one signed read. Always 200, never 201.',
    answer: deployments.triggered,
    refuses: ['ENV_UNKNOWN', 'PROJECT_ENDPOINT_BLOCKED', 'ENDPOINT_MISMATCH', 'HMAC_REFUSED', 'PREFLIGHT_FAILED'],
  },
  'POST /deployments/finish': {
    summary: 'The pipeline has ended, and observing begins',
    description: 'Unknown and repeated finishes are answered before `metrics_endpoint` is compared.',
    answer: deployments.finished,
    refuses: ['ENDPOINT_MISMATCH'],
  },
  'GET /deployments': { summary: 'Deployments, newest first', answer: deployments.deployments },
  'GET /deployments/{id}': {
    summary: 'A deployment, with its verdict when that is there',
    description: 'With `wait` it answers when the deployment has ended, at the latest after so many seconds.',
    answer: deployments.deployment,
    refuses: ['TOO_MANY_WAITING'],
  },
  'GET /deployments/{id}/metrics': { summary: 'What was read for a deployment', answer: deployments.samples },
  'POST /deployments/{id}/rejudge': {
    summary: 'What other limits would have said',
    description: 'Limits given here hold over the project’s own, null for the default. Nothing is stored.',
    answer: deployments.rejudged,
    refuses: ['NO_VERDICT', 'SAMPLES_GONE'],
  },
  'POST /deployments/{id}/feedback': {
    summary: 'Say whether a verdict is right',
    description: 'Said again, it takes the place of what was said before.',
    answer: deployments.feedbackGiven,
    refuses: ['NO_VERDICT'],
  },
  'GET /project': {
    summary: 'Whose key this is, and how reading its environments goes',
    answer: projects.ownProject,
    refuses: ['NOT_FOUND'],
  },
};
