/**
 * `npm run check:api`: schemathesis against a running service. It reads /openapi.json and sends what that allows, and what
 * it does not, to every route: no answer may have a status, a type or a shape that is not described, and none is 5xx. The
 * same requests in every run. Needs schemathesis on PATH or in .venv (`pip install schemathesis`, .ci/run).
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../client/client.ts';
import { startObservedApp } from '../harness/observed-app.ts';
import { runOwning } from '../harness/ownership/run-owning.ts';
import { ADMIN_TOKEN, startServiceProcess } from '../harness/service-process.ts';
import { until } from '../harness/until.ts';

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
  'missing_required_header',
];
/** Requests of the fuzzing phase for each route, beside those that cover its schema's edges. */
const EXAMPLES = Number(process.env.CHECK_API_EXAMPLES ?? 25);

const OPTIONS = [
  '--phases',
  'examples,coverage,fuzzing',
  '--checks',
  CHECKS.join(','),
  '--max-examples',
  String(EXAMPLES),
  '--generation-deterministic',
  '--request-timeout',
  '20',
  '--continue-on-failure',
  '--warnings',
  'off',
];

/** Nothing's: what is there must stay for the other routes. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

const local = join(process.cwd(), '.venv/bin/schemathesis');
const program = existsSync(local) ? local : 'schemathesis';

await runOwning('check-api', async ({ folder, alsoOwn, signal }) => {
  alsoOwn(folder);
  await using app = await startObservedApp();
  await using service = await startServiceProcess({
    SEQPULSE_DATA_DIR: join(folder, 'data'),
    SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
    SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
    LOG_LEVEL: 'info',
  });
  const read = await service.api.newProject({ name: 'read', endpoint: app.url });
  // Its key, name and source change under the requests.
  const changed = await service.api.newProject({ name: 'changed', endpoint: app.url });
  const deploymentId = await deploy(service.url, read.apiKey);
  const config = join(folder, 'schemathesis.toml');
  await writeFile(
    config,
    configOf({ deploymentId, readProjectId: read.id, projectId: changed.id, apiKey: read.apiKey }),
  );
  const code = await run(['--config-file', config, 'run', `${service.url}/openapi.json`, ...OPTIONS], {
    folder,
    signal,
  });
  const failed = service.logged.filter(({ event }) => event === 'http_error');
  for (const { err } of failed.slice(0, 5)) console.error('inside the service:', err);
  const statuses = statusesOf(service.logged);
  console.log(`${[...statuses].map(([route, seen]) => `${route}: ${[...seen].sort().join(' ')}`).join('\n')}`);
  return code;
});

/** Which statuses each route has answered, by the service's own log. */
function statusesOf(logged: readonly Record<string, unknown>[]): ReadonlyMap<string, ReadonlySet<unknown>> {
  const statuses = new Map<string, Set<unknown>>();
  for (const { event, method, route, status } of logged) {
    if (event !== 'http_request' || route === '__unmatched__' || status === 405) continue;
    const name = `${method} ${route}`;
    statuses.set(name, (statuses.get(name) ?? new Set()).add(status));
  }
  return statuses;
}

/** With its verdict, so that every route that reads one finds it. */
async function deploy(url: string, apiKey: string): Promise<string> {
  const client = createClient({ url, apiKey });
  const { deployment_id: id } = await client.trigger({ env: 'prod', version: '1.2.3' });
  await until('a sample before', 20, async () => (await client.samples(id)).length > 0);
  await client.finish({ deployment_id: id, result: 'success' });
  await until('a verdict', 60, async () => (await client.deploymentAtEnd(id, 10)).deployment.verdict !== null);
  return id;
}

/** Ids of what is there: a random one is only ever 404. */
function configOf(ids: {
  readonly deploymentId: string;
  /** The key's own, which both callers may read. */
  readonly readProjectId: string;
  readonly projectId: string;
  readonly apiKey: string;
}): string {
  const known = (pattern: string, id: string, but = '') => `
[[operations]]
include-path-regex = '${pattern}'
${but}
[operations.parameters]
id = "${id}"
`;
  return `
[headers]
X-API-Key = "${ids.apiKey}"
Authorization = "Bearer ${ADMIN_TOKEN}"
${known('^/deployments/\\{id\\}', ids.deploymentId)}
${known('^/projects/\\{id\\}/(aa-check|feedback)', ids.readProjectId)}
${known('^/projects/\\{id\\}/(?!aa-check|feedback)', ids.projectId)}
${known('^/projects/\\{id\\}$', ids.projectId, "include-method = ['GET', 'PATCH']")}
${known('^/projects/\\{id\\}$', NOBODY, "include-method = ['DELETE']")}
`;
}

/** In `folder`, for it leaves files where it runs. */
async function run(
  args: readonly string[],
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<number> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], signal });
  return await new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('schemathesis is not there: .ci/run shows how to get it') : error),
    );
    child.once('close', (code) => resolve(code ?? 1));
  });
}
