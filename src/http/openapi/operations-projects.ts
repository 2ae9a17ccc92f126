import type { Operations } from './operation.ts';
import * as projects from './project-answer.ts';
import * as sources from './source-answer.ts';

/** What operators call. */
export const PROJECT_OPERATIONS: Operations = {
  'POST /projects': {
    summary: 'A new project, with its key',
    description:
      'A `metrics_endpoint` given here is tested at once; where that fails, the project is there all the same.',
    status: 201,
    answer: projects.newProject,
    refuses: ['PROJECT_NAME_TAKEN'],
  },
  'GET /projects': { summary: 'Projects, newest first', answer: projects.projects },
  'GET /projects/{id}': { summary: 'A project', answer: projects.project },
  'PATCH /projects/{id}': {
    summary: 'Change a project',
    description:
      'What is left out stays. A field that is shown and can’t be changed here may be sent back as it is; another value is 422.',
    answer: projects.project,
    refuses: ['PROJECT_NAME_TAKEN', 'ENDPOINT_TEST_FAILED', 'ENDPOINT_TESTS_BUSY'],
  },
  'DELETE /projects/{id}': { summary: 'Delete a project with all that belongs to it', status: 204 },
  'POST /projects/{id}/api-key': {
    summary: 'Another key; the old one goes on for a while',
    answer: projects.apiKey,
  },
  'PUT /projects/{id}/endpoint': {
    summary: 'Name a candidate for the metrics endpoint',
    answer: projects.endpoint,
    refuses: ['ENV_UNKNOWN'],
  },
  'POST /projects/{id}/endpoint/test': {
    summary: 'Read the candidate once; on success it becomes the active one',
    answer: projects.endpoint,
    refuses: ['ENV_UNKNOWN', 'ENDPOINT_NOT_SET', 'ENDPOINT_TEST_FAILED', 'ENDPOINT_TESTS_BUSY'],
  },
  'PUT /projects/{id}/source': {
    summary: 'Name a candidate for the source, of any kind',
    answer: sources.place,
    refuses: ['ENV_UNKNOWN'],
  },
  'GET /projects/{id}/source': {
    summary: 'What is set at a place, and what is active there',
    answer: sources.place,
    refuses: ['ENV_UNKNOWN'],
  },
  'POST /projects/{id}/source/test': {
    summary: 'Read the candidate, number by number; on success it becomes the active one',
    answer: sources.examined,
    refuses: ['ENV_UNKNOWN', 'SOURCE_NOT_SET', 'SOURCE_TEST_FAILED', 'ENDPOINT_TEST_FAILED', 'ENDPOINT_TESTS_BUSY'],
  },
  'POST /projects/{id}/hmac': { summary: 'Sign reads, or change the secret', answer: projects.hmacSecret },
  'DELETE /projects/{id}/hmac': { summary: 'Sign reads no more', status: 204 },
  'GET /projects/{id}/feedback': { summary: 'What people say of the project’s verdicts', answer: projects.feedback },
  'GET /projects/{id}/aa-check': {
    summary: 'How often these limits would have cried wolf in quiet times',
    answer: projects.aaCheck,
    refuses: ['ENV_UNKNOWN'],
  },
  'GET /dora': { summary: 'The four DORA figures of all projects, and of each' },
  'GET /projects/{id}/dora': {
    summary: 'The four DORA figures of a project and its environments',
    refuses: ['ENV_UNKNOWN'],
  },
};
