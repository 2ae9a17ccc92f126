import { ApiError } from './errors.ts';
import { type Answer, type RequestOptions, sendRequest } from './request.ts';
import type {
  DeploymentShape,
  ExaminedShape,
  FinishBody,
  Finished,
  NewProjectBody,
  NewProjectShape,
  OwnProjectShape,
  Page,
  PlaceShape,
  SampleShape,
  SourceBody,
  TriggerBody,
  Triggered,
} from './types.ts';
import type { VerdictShape } from './verdict-types.ts';

export interface ClientOptions {
  /** Where the service is, with its scheme; a last slash does not count. */
  readonly url: string;
  /** For CI's routes. */
  readonly apiKey?: string;
  /** For operators' routes. */
  readonly adminToken?: string;
  /** For each request, milliseconds; 30,000 by default. */
  readonly timeoutMs?: number;
}

export interface Watched {
  readonly deployment: DeploymentShape;
  /** Epoch ms of the service's own clock, to the second; null when something in between took it out. */
  readonly serverTimeMs: number | null;
}

/** What a request that waits may take longer than its waiting, milliseconds. */
const ANSWER_MS = 15_000;

/** Every method rejects with ApiError (it answered with an error) or UnreachableError (nobody answered). */
export interface Client {
  /** Any route, any status: for what has no method here. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  trigger(body: TriggerBody): Promise<Triggered>;
  finish(body: FinishBody): Promise<Finished>;
  deployment(id: string): Promise<DeploymentShape>;
  /**
   * Answers when it has ended, or with `until` preliminary at an early verdict, at the latest after so many seconds
   * (≤ 60), with what there is then.
   */
  deploymentAtEnd(id: string, waitSeconds: number, until?: 'end' | 'preliminary'): Promise<Watched>;
  /** Newest first. */
  deployments(query?: Readonly<Record<string, string | number>>): Promise<Page<DeploymentShape>>;
  /** Oldest first. */
  samples(id: string): Promise<readonly SampleShape[]>;
  /** What other limits would have said; nothing is stored. */
  rejudge(id: string, limits: Readonly<Record<string, number>>): Promise<VerdictShape>;
  feedback(id: string, said: { readonly correct: boolean; readonly note?: string }): Promise<unknown>;
  /** Whose key this is, and how reading its environments has been going. */
  project(): Promise<OwnProjectShape>;
  createProject(body: NewProjectBody): Promise<NewProjectShape>;
  /** Sets a candidate, which its test makes the active one. */
  setSource(projectId: string, body: SourceBody): Promise<PlaceShape>;
  /** `env` null: the project's default. */
  source(projectId: string, env: string | null): Promise<PlaceShape>;
  testSource(projectId: string, env: string | null): Promise<ExaminedShape>;
}

/**
 * The one client of SeqPulse's own API: what the demo, the benchmarks, the tests and the command line speak through.
 * It keeps no state and no connection of its own.
 */
export function createClient(options: ClientOptions): Client {
  const baseUrl = options.url.replace(/\/+$/, '');
  const credentials: Record<string, string> = {
    ...(options.apiKey === undefined ? {} : { 'X-API-Key': options.apiKey }),
    ...(options.adminToken === undefined ? {} : { Authorization: `Bearer ${options.adminToken}` }),
  };
  const send: Client['send'] = async (method, path, more = {}) =>
    await sendRequest(baseUrl, method, path, {
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...more,
      headers: { ...credentials, ...more.headers },
    });

  async function succeed(method: string, path: string, more: RequestOptions): Promise<Answer> {
    const answer = await send(method, path, more);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const problem = typeof answer.body === 'object' ? answer.body : null;
    throw new ApiError(`${method} ${path}`, answer.status, problem, answer.headers.get('retry-after'));
  }
  async function ask<Shape>(method: string, path: string, body?: unknown): Promise<Shape> {
    return (await succeed(method, path, body === undefined ? {} : { body })).body as Shape;
  }
  const ofSource = (projectId: string) => `/projects/${encodeURIComponent(projectId)}/source`;
  const ofDeployment = (id: string) => `/deployments/${encodeURIComponent(id)}`;

  return {
    send,
    trigger: async (body) => await ask('POST', '/deployments/trigger', body),
    finish: async (body) => await ask('POST', '/deployments/finish', body),
    deployment: async (id) => await ask('GET', ofDeployment(id)),
    deploymentAtEnd: async (id, waitSeconds, until = 'end') => {
      const timeoutMs = waitSeconds * 1000 + ANSWER_MS;
      const query = `wait=${waitSeconds}${until === 'end' ? '' : `&until=${until}`}`;
      const answer = await succeed('GET', `${ofDeployment(id)}?${query}`, { timeoutMs });
      const serverTimeMs = Date.parse(answer.headers.get('date') ?? '');
      return { deployment: answer.body, serverTimeMs: Number.isNaN(serverTimeMs) ? null : serverTimeMs };
    },
    deployments: async (query = {}) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
      return await ask('GET', `/deployments${parameters.size > 0 ? `?${parameters}` : ''}`);
    },
    samples: async (id) => {
      const { samples } = await ask<{ samples: readonly SampleShape[] }>('GET', `${ofDeployment(id)}/metrics`);
      return samples;
    },
    rejudge: async (id, limits) => await ask('POST', `${ofDeployment(id)}/rejudge`, { limits }),
    feedback: async (id, said) => await ask('POST', `${ofDeployment(id)}/feedback`, said),
    project: async () => await ask('GET', '/project'),
    createProject: async (body) => await ask('POST', '/projects', body),
    setSource: async (projectId, body) => await ask('PUT', ofSource(projectId), body),
    source: async (projectId, env) =>
      await ask('GET', `${ofSource(projectId)}${env === null ? '' : `?env=${encodeURIComponent(env)}`}`),
    testSource: async (projectId, env) => await ask('POST', `${ofSource(projectId)}/test`, { env }),
  };
}
