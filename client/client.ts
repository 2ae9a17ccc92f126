import { ApiError } from './errors.ts';
import { type Answer, type RequestOptions, sendRequest } from './request.ts';
import type {
  DeploymentShape,
  FinishBody,
  Finished,
  NewProjectBody,
  NewProjectShape,
  Page,
  SampleShape,
  TriggerBody,
  Triggered,
} from './types.ts';

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

/** Every method rejects with ApiError (it answered with an error) or UnreachableError (nobody answered). */
export interface Client {
  /** Any route, any status: for what has no method here. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  trigger(body: TriggerBody): Promise<Triggered>;
  finish(body: FinishBody): Promise<Finished>;
  deployment(id: string): Promise<DeploymentShape>;
  /** Newest first. */
  deployments(query?: Readonly<Record<string, string | number>>): Promise<Page<DeploymentShape>>;
  /** Oldest first. */
  samples(id: string): Promise<readonly SampleShape[]>;
  feedback(id: string, said: { readonly correct: boolean; readonly note?: string }): Promise<unknown>;
  createProject(body: NewProjectBody): Promise<NewProjectShape>;
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

  async function ask<Shape>(method: string, path: string, body?: unknown): Promise<Shape> {
    const answer = await send(method, path, body === undefined ? {} : { body });
    if (answer.status >= 200 && answer.status < 300) return answer.body as Shape;
    const problem = typeof answer.body === 'object' ? answer.body : null;
    throw new ApiError(`${method} ${path}`, answer.status, problem, answer.headers.get('retry-after'));
  }
  const ofDeployment = (id: string) => `/deployments/${encodeURIComponent(id)}`;

  return {
    send,
    trigger: async (body) => await ask('POST', '/deployments/trigger', body),
    finish: async (body) => await ask('POST', '/deployments/finish', body),
    deployment: async (id) => await ask('GET', ofDeployment(id)),
    deployments: async (query = {}) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
      return await ask('GET', `/deployments${parameters.size > 0 ? `?${parameters}` : ''}`);
    },
    samples: async (id) => {
      const { samples } = await ask<{ samples: readonly SampleShape[] }>('GET', `${ofDeployment(id)}/metrics`);
      return samples;
    },
    feedback: async (id, said) => await ask('POST', `${ofDeployment(id)}/feedback`, said),
    createProject: async (body) => await ask('POST', '/projects', body),
  };
}
