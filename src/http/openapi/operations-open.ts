import * as healthAnswers from './health-answer.ts';
import type { Operations } from './operation.ts';

/** What needs no credentials. */
export const OPEN_OPERATIONS: Operations = {
  'GET /health': {
    summary: 'How the service is, with reasons',
    description: 'Always 200 while it answers at all.',
    answer: healthAnswers.health,
  },
  'GET /health/scheduler': { summary: 'The scheduler’s part of it', answer: healthAnswers.schedulerHealth },
  'GET /db-check': {
    summary: 'Whether the database answers',
    answer: healthAnswers.databaseCheck,
    otherwise: { 503: healthAnswers.databaseCheck },
  },
  'GET /livez': { summary: 'Whether the process lives', answer: healthAnswers.live },
  'GET /readyz': {
    summary: 'Whether to send requests here',
    answer: healthAnswers.ready,
    otherwise: { 503: healthAnswers.ready },
  },
  'GET /metrics': {
    summary: 'The service’s own metrics, in Prometheus’ text format',
    contentType: 'text/plain',
    otherwise: { 404: 'text/plain', 503: 'text/plain' },
  },
  'GET /openapi.json': { summary: 'This description', contentType: 'application/json' },
};
