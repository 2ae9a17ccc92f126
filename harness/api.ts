import { createClient } from '../client/client.ts';
import type { Answer, RequestOptions } from '../client/request.ts';

export type { Answer };

/** The service as its clients see it: plain HTTP, every answer whatever its status. */
export interface Api {
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  trigger(apiKey: string, body: object, headers?: Record<string, string>): Promise<Answer>;
  finish(apiKey: string, body: object): Promise<Answer>;
  deployment(apiKey: string, id: string): Promise<Answer>;
  operator(method: string, path: string, body?: object): Promise<Answer>;
  /** A project whose default endpoint is active. */
  newProject(input: { name: string; endpoint?: string; envs?: string[]; [more: string]: unknown }): Promise<NewProject>;
}

export interface NewProject {
  readonly id: string;
  readonly apiKey: string;
}

export function createApi(url: string, adminToken: string): Api {
  const request: Api['request'] = createClient({ url, timeoutMs: 120_000 }).send;
  const operator: Api['operator'] = async (method, path, body) =>
    await request(method, path, { headers: { Authorization: `Bearer ${adminToken}` }, ...(body && { body }) });
  return {
    request,
    operator,
    trigger: async (apiKey, body, headers = {}) =>
      await request('POST', '/deployments/trigger', { body, headers: { 'X-API-Key': apiKey, ...headers } }),
    finish: async (apiKey, body) =>
      await request('POST', '/deployments/finish', { body, headers: { 'X-API-Key': apiKey } }),
    deployment: async (apiKey, id) => await request('GET', `/deployments/${id}`, { headers: { 'X-API-Key': apiKey } }),
    async newProject({ name, endpoint, ...rest }) {
      const answer = await operator('POST', '/projects', { name, metrics_endpoint: endpoint, ...rest });
      if (answer.status !== 201) throw new Error(`POST /projects: ${JSON.stringify(answer.body)}`);
      return { id: answer.body.id, apiKey: answer.body.api_key };
    },
  };
}
