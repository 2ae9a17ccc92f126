import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../client/client.ts';
import { ApiError } from '../client/errors.ts';
import { waitFor } from './waiting.ts';

export interface Seqpulse {
  readonly url: string;
  readonly adminToken: string;
}

/** How the demo's applications tell SeqPulse of themselves. */
export interface Connection {
  /** The application's program. */
  readonly program: string;
  /** Seconds that the numbers look back on. */
  readonly windowSeconds: number;
  /** Samples that are there before the deployment goes on. */
  readonly samplesBefore: number;
  /** Seconds from finish until the verdict, at the most. */
  readonly verdictSeconds: number;
  /** What the application needs to know before it starts, its project among it; absent: nothing. */
  prepare?(input: { readonly seqpulse: Seqpulse; readonly project: string }): Promise<Prepared>;
  /** Makes the project where it is not there yet, connected to the application on this port; its key. */
  connect(input: {
    readonly prepared: Prepared | null;
    readonly seqpulse: Seqpulse;
    readonly project: string;
    readonly port: number;
    readonly say: (line: string) => void;
  }): Promise<string>;
}

export interface Prepared {
  readonly id: string;
  readonly apiKey: string;
  /** Of the application's process. */
  readonly env: Readonly<Record<string, string>>;
}

/** The application serves its five numbers itself. */
export const OWN_ROUTE: Connection = {
  program: 'demo/observed-app.ts',
  windowSeconds: 3,
  samplesBefore: 5,
  verdictSeconds: 60,
  async connect({ seqpulse, project, port }) {
    await sleep((this.windowSeconds + 1) * 1_000);
    const created = await createClient(seqpulse).createProject({
      name: project,
      metrics_endpoint: `http://127.0.0.1:${port}/metrics`,
    });
    return created.api_key;
  },
};

/** Seconds of traffic before the first deployment: a minute's numbers are asked for half a minute after its end. */
const HISTORY_SECONDS = 220;

/** A Prometheus scrapes them; each is a job of its project's name there. */
export function fromPrometheus(prometheusUrl: string): Connection {
  return {
    program: 'demo/instrumented-app.ts',
    windowSeconds: 10,
    samplesBefore: 3,
    verdictSeconds: 120,
    async connect({ seqpulse, project, say }) {
      say(`${project}: ${HISTORY_SECONDS} s of traffic, so that there is a past`);
      await sleep(HISTORY_SECONDS * 1_000);
      const operator = createClient(seqpulse);
      const { id, api_key } = await operator.createProject({ name: project });
      const selector = `job="${project}"`;
      await operator.setSource(id, {
        type: 'prometheus',
        url: prometheusUrl,
        selector,
        window_seconds: this.windowSeconds,
        // What the process was given to live in is known to nobody else.
        queries: { memory_usage: 'max(process_resident_memory_bytes{$selector}) / (512 * 1024 * 1024)' },
      });
      const numbers = await waitFor(async () => await numbersOf(operator, id), 60);
      say(`${project}: source/test with ${selector} → ${numbers}`);
      return api_key;
    },
  };
}

/** Its SDK pushes them by OTLP. */
export const PUSHED: Connection = {
  program: 'demo/pushing-app.ts',
  windowSeconds: 10,
  samplesBefore: 3,
  verdictSeconds: 150,
  async prepare({ seqpulse, project }) {
    const { id, api_key: apiKey } = await createClient(seqpulse).createProject({ name: project });
    const env = {
      SERVICE_NAME: project,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${seqpulse.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: `X-API-Key=${apiKey}`,
    };
    return { id, apiKey, env };
  },
  async connect({ seqpulse, project, prepared, say }) {
    if (prepared === null) throw new Error('it was not prepared');
    say(`${project}: ${HISTORY_SECONDS} s of traffic, so that there is a past`);
    await sleep(HISTORY_SECONDS * 1_000);
    const operator = createClient(seqpulse);
    await operator.setSource(prepared.id, { type: 'otlp', service_name: project });
    const numbers = await waitFor(async () => await numbersOf(operator, prepared.id), 60);
    say(`${project}: source/test → ${numbers}`);
    return prepared.apiKey;
  },
};

/** null as long as the test does not show all five. */
async function numbersOf(operator: Client, projectId: string): Promise<string | null> {
  try {
    const { numbers = {} } = await operator.testSource(projectId, null);
    const values = Object.entries(numbers).map(([name, { value }]) => [name, value] as const);
    if (values.some(([, value]) => value === null)) return null;
    return values.map(([name, value]) => `${name} ${Number(value?.toPrecision(3))}`).join(', ');
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
