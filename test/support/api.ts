/** The service as its clients see it: plain HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects in its assertions.
  readonly body: any;
}

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

export interface RequestOptions {
  readonly body?: unknown;
  readonly rawBody?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export function createApi(url: string, adminToken: string): Api {
  const request: Api['request'] = async (method, path, options = {}) => {
    const body = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
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
