import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { ERRORS, type ErrorCode } from '../../src/http/problems.ts';
import { MAX_TESTS, MAX_WAITING } from '../../src/projects/test-slots.ts';
import { expectProblem } from '../support/problem.ts';
import { sendRaw } from '../support/raw-http.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let project: NewProject;
/** Its only environment has no active endpoint. */
let blocked: NewProject;
beforeAll(async () => {
  stage = await openStage({ SEQPULSE_RATE_LIMIT_PER_MINUTE: '40', SEQPULSE_MAX_WAITING_REQUESTS: '0' });
  project = await stage.api.newProject({
    name: 'errors',
    endpoint: stage.app.url,
    envs: ['prod', 'running', 'waited for'],
  });
  blocked = await stage.api.newProject({ name: 'blocked' });
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const trigger = async (options: { rawBody?: string; headers?: Record<string, string> }) =>
  await stage.api.request('POST', '/deployments/trigger', {
    ...options,
    headers: { 'X-API-Key': project.apiKey, ...options.headers },
  });

/** The whole catalogue: a code without a way to reach it does not compile. */
const REACHED: Readonly<Record<ErrorCode, () => Promise<Answer>>> = {
  MALFORMED_JSON: async () => await trigger({ rawBody: '{' }),
  MALFORMED_REQUEST: async () => await sendRaw(stage.running.service.url, 'GET /health HTTP/1.1\r\n\r\n'),
  ENV_UNKNOWN: async () => await stage.api.trigger(project.apiKey, { env: 'nowhere' }),
  UNAUTHORIZED: async () => await stage.api.trigger('SP_00000000000000000000000000000000', { env: 'prod' }),
  NOT_FOUND: async () => await stage.api.request('GET', '/nothing'),
  METHOD_NOT_ALLOWED: async () => await stage.api.request('DELETE', '/deployments/trigger'),
  ENDPOINT_MISMATCH: async () =>
    await stage.api.trigger(project.apiKey, { env: 'prod', metrics_endpoint: 'https://elsewhere.example/metrics' }),
  PROJECT_NAME_TAKEN: async () => await stage.api.operator('POST', '/projects', { name: 'errors' }),
  SOURCE_NOT_SET: async () => await stage.api.operator('POST', `/projects/${blocked.id}/source/test`, {}),
  ENDPOINT_NOT_SET: async () => await stage.api.operator('POST', `/projects/${blocked.id}/endpoint/test`, {}),
  FORBIDDEN: async () => {
    const { body } = await stage.api.operator('POST', '/operators', { name: 'looks', role: 'viewer' });
    const headers = { Authorization: `Bearer ${body.token}` };
    return await stage.api.request('POST', '/projects', { headers, body: { name: 'not mine to make' } });
  },
  OPERATOR_NAME_TAKEN: async () => {
    await stage.api.operator('POST', '/operators', { name: 'twice' });
    return await stage.api.operator('POST', '/operators', { name: 'twice' });
  },
  MAIL_NOT_SET_UP: async () =>
    await stage.api.operator('POST', '/notifications', { type: 'mail', to: ['a@example.com'] }),
  WRONG_CHANNEL_TYPE: async () => {
    const { body } = await stage.api.operator('POST', '/notifications', { type: 'slack', url: stage.app.url });
    return await stage.api.operator('PATCH', `/notifications/${body.id}`, { to: ['a@example.com'] });
  },
  NOTIFICATION_TEST_FAILED: async () => {
    const url = 'http://192.0.2.1/';
    const { body } = await stage.api.operator('POST', '/notifications', { type: 'webhook', url });
    return await stage.api.operator('POST', `/notifications/${body.id}/test`);
  },
  NO_VERDICT: async () => {
    const { body } = await stage.api.trigger(project.apiKey, { env: 'running' });
    return await stage.api.operator('POST', `/deployments/${body.deployment_id}/feedback`, { correct: true });
  },
  TOO_MANY_WAITING: async () => {
    const { body } = await stage.api.trigger(project.apiKey, { env: 'waited for' });
    const headers = { 'X-API-Key': project.apiKey };
    return await stage.api.request('GET', `/deployments/${body.deployment_id}?wait=1`, { headers });
  },
  SAMPLES_GONE: async () => {
    const id = await insertJudgedWithoutSamples();
    return await stage.api.operator('POST', `/deployments/${id}/rejudge`);
  },
  PAYLOAD_TOO_LARGE: async () => await trigger({ rawBody: ' '.repeat(70_000) }),
  UNSUPPORTED_MEDIA_TYPE: async () => await trigger({ rawBody: '{}', headers: { 'Content-Type': 'text/plain' } }),
  VALIDATION_FAILED: async () => await stage.api.trigger(project.apiKey, {}),
  HMAC_REFUSED: async () => await triggerSigned(401),
  PREFLIGHT_FAILED: async () => await triggerSigned(500),
  ENDPOINT_TEST_FAILED: async () => {
    stage.app.behaviour = (response) => response.writeHead(503).end();
    const answer = await stage.api.operator('POST', `/projects/${project.id}/endpoint/test`, {});
    stage.app.behaviour = null;
    return answer;
  },
  ENDPOINT_TESTS_BUSY: async () => {
    const released = Promise.withResolvers<void>();
    stage.app.behaviour = (response) => void released.promise.then(() => response.writeHead(503).end());
    const tests = Array.from({ length: MAX_TESTS + MAX_WAITING + 1 }, () =>
      stage.api.operator('POST', `/projects/${project.id}/endpoint/test`, {}),
    );
    const refused = await Promise.race(tests);
    released.resolve();
    await Promise.all(tests);
    stage.app.behaviour = null;
    return refused;
  },
  SOURCE_TEST_FAILED: async () => {
    const path = `/projects/${blocked.id}/source`;
    const source = { type: 'prometheus', url: 'http://127.0.0.1:1', selector: 'app="a"', env: 'prod' };
    await stage.api.operator('PUT', path, source);
    return await stage.api.operator('POST', `${path}/test`, { env: 'prod' });
  },
  PROJECT_ENDPOINT_BLOCKED: async () => await stage.api.trigger(blocked.apiKey, { env: 'prod' }),
  RATE_LIMITED: async () => {
    for (;;) {
      const answer = await stage.api.finish(blocked.apiKey, { deployment_id: project.id, result: 'success' });
      if (answer.status !== 200) return answer;
    }
  },
  INTERNAL_ERROR: async () => {
    await stage.database.query('alter table seqpulse.endpoints rename to endpoints_away');
    const answer = await stage.api.operator('GET', `/projects/${project.id}`);
    await stage.database.query('alter table seqpulse.endpoints_away rename to endpoints');
    return answer;
  },
  SERVICE_UNAVAILABLE: async () => await whileDatabaseIsClosed(() => stage.api.trigger(project.apiKey, { env: 'x' })),
};

/** As the retention leaves it: a verdict on five samples before, none of which is there any more. */
async function insertJudgedWithoutSamples(): Promise<string> {
  const id = crypto.randomUUID();
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
       finish_deadline_at, pre_expected)
     values ($1, $2, 'prod', 1000, 'analyzed', 'http://x.example', $3, $3, 5)`,
    [id, project.id, new Date(0)],
  );
  await stage.database.query(
    `insert into seqpulse.verdicts (deployment_id, project_id, verdict, confidence, summary, details, created_at)
     select $1, project_id, 'ok', 0.9, 'Nothing got worse.',
       '[{"metric": "memory_usage", "evidence": {"samplesBefore": 5, "samplesAfter": 5}}]', $2 from seqpulse.deployments where id = $1`,
    [id, new Date(0)],
  );
  return id;
}

async function triggerSigned(targetStatus: number): Promise<Answer> {
  await stage.api.operator('POST', `/projects/${project.id}/hmac`);
  stage.app.behaviour = (response) => response.writeHead(targetStatus).end();
  const answer = await stage.api.trigger(project.apiKey, { env: 'prod' });
  stage.app.behaviour = null;
  await stage.api.operator('DELETE', `/projects/${project.id}/hmac`);
  return answer;
}

/** As an administrator closes it for maintenance: connections ended, new ones refused. */
async function whileDatabaseIsClosed(work: () => Promise<Answer>): Promise<Answer> {
  const name = new URL(stage.database.url).pathname.slice(1);
  const admin = new pg.Client({ connectionString: inject('databaseAdminUrl') });
  await admin.connect();
  try {
    await admin.query(`alter database ${name} allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    return await work();
  } finally {
    await admin.query(`alter database ${name} allow_connections true`);
    await admin.end();
  }
}

test.each(Object.keys(ERRORS) as ErrorCode[])('%s is reached and is a problem document of its status', async (code) => {
  expectProblem(await REACHED[code](), code);
});

test('what may succeed later says when: 429 and 503 carry Retry-After', async () => {
  for (const code of ['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'ENDPOINT_TESTS_BUSY'] as const) {
    const seconds = Number((await REACHED[code]()).headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
  }
});

test('a fault of our own is in the log with its cause, and the answer shows nothing of it', async () => {
  const answer = await REACHED.INTERNAL_ERROR();
  expect(JSON.stringify(answer.body)).not.toMatch(/endpoints|relation|42P01/);
  expect(stage.running.logged).toContainEqual(
    expect.objectContaining({ event: 'http_error', err: expect.objectContaining({ code: '42P01' }) }),
  );
});
