import type { Answer } from '../../harness/api.ts';
import type { ClockedStage } from './stage.ts';

export interface Started {
  readonly projectId: string;
  readonly apiKey: string;
  readonly id: string;
  /** Epoch milliseconds of the hand-set clock. */
  readonly startedAtMs: number;
}

export interface Finished extends Started {
  readonly finishedAtMs: number;
}

/** The steps that tests of the lifecycle are made of, each with a project of its own. */
export interface Story {
  /** Just triggered. */
  triggered(more?: object): Promise<Started>;
  /** Just finished, with its five samples before. */
  finished(more?: object): Promise<Finished>;
  finish(started: Started, result?: 'success' | 'failed'): Promise<Answer>;
  /** Moves the clock to this many seconds after finish; everything that is due until then has run. */
  until(finished: Finished, seconds: number): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects in its assertions.
  read(started: Started): Promise<any>;
  samples(started: Started): Promise<{ phase: 'pre' | 'post'; collected_at: string }[]>;
  failures(started: Started): Promise<{ job_type: string; sequence: number; reason: string; tries: number }[]>;
  /** Collect jobs by type and state, such as `{ 'post_collect cancelled': 5 }`. */
  jobs(started: Started): Promise<Record<string, number>>;
}

export function createStory(stage: ClockedStage): Story {
  let serial = 0;
  const story: Story = {
    async triggered(more = {}) {
      serial += 1;
      const project = await stage.api.newProject({
        name: `project ${serial}`,
        endpoint: stage.app.url,
        // These stories are about what a deployment reads; the sweep has tests of its own.
        baseline: 'at_trigger',
        ...more,
      });
      const answer = await stage.api.trigger(project.apiKey, { env: 'prod' });
      if (answer.body.status !== 'created') throw new Error(JSON.stringify(answer.body));
      return {
        projectId: project.id,
        apiKey: project.apiKey,
        id: answer.body.deployment_id,
        startedAtMs: stage.clock.now(),
      };
    },
    async finished(more) {
      const started = await story.triggered(more);
      await stage.pass(30);
      const answer = await story.finish(started);
      if (answer.body.status !== 'accepted') throw new Error(JSON.stringify(answer.body));
      return { ...started, finishedAtMs: stage.clock.now() };
    },
    finish: async ({ apiKey, id }, result = 'success') => await stage.api.finish(apiKey, { deployment_id: id, result }),
    until: async ({ finishedAtMs }, seconds) => await stage.pass((finishedAtMs - stage.clock.now()) / 1000 + seconds),
    read: async ({ apiKey, id }) => (await stage.api.deployment(apiKey, id)).body,
    async samples({ apiKey, id }) {
      const headers = { 'X-API-Key': apiKey };
      return (await stage.api.request('GET', `/deployments/${id}/metrics`, { headers })).body.samples;
    },
    failures: async ({ id }) =>
      await stage.database.query(
        'select job_type, sequence, reason, tries from seqpulse.job_failures where deployment_id = $1 order by job_type, sequence',
        [id],
      ),
    async jobs({ id }) {
      const rows = await stage.database.query<{ kind: string; count: string }>(
        `select name || ' ' || state as kind, count(*) from pgboss.job
         where data->>'deploymentId' = $1 and name in ('pre_collect', 'post_collect', 'analysis') group by 1`,
        [id],
      );
      return Object.fromEntries(rows.map((row) => [row.kind, Number(row.count)]));
    },
  };
  return story;
}
