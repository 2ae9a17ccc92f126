import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetGroup } from '../../harness/monitoring-files.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { queryPrometheus, scrapeTargets } from '../../harness/prometheus-query.ts';
import { until } from '../../harness/until.ts';
import { ALERT_NAMES, DEFAULT_LINK_BASES } from '../../prometheus/alert-catalog.ts';
import { createTestDatabase } from '../support/database.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { type MonitoringStack, startMonitoringStack } from '../support/monitoring-stack.ts';
import { repeat } from '../support/repeat.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** A scrape every half second; 5 minutes become 3 s where they are a window, half a second where they are a hold. */
const FASTER = { intervals: 30, windows: 100, holds: 600, notifications: 300 };
/** Nobody listens on it: a replica that has died. */
const DEAD_REPLICA = '127.0.0.1:1';
const PATIENCE_SECONDS = 120;

const programs = findMonitoringPrograms('the tests that every alert reaches its receiver are', [
  'prometheus',
  'alertmanager',
]);

/** Three installations, each with its own trouble, beside one that is well: an alert must name the right one. */
describe.skipIf(programs.missing)('with a real Prometheus, a real Alertmanager and failing services', () => {
  const opened = new AsyncDisposableStack();
  let stack: MonitoringStack;
  let healthy: Stage;
  let overloaded: Stage;
  let unjudged: Stage;
  let broken: { readonly service: TestService; readonly database: DatabaseProxy; query(sql: string): Promise<unknown> };
  let groups: TargetGroup[];

  beforeAll(async () => {
    healthy = opened.use(await openStage());
    // One try a read, five reads a deployment, none of which waits for the one before.
    overloaded = opened.use(
      await openStage({ SEQPULSE_RETRY_DELAYS_SECONDS: 'none', SEQPULSE_PRE_INTERVAL_SECONDS: '0.1' }),
    );
    // Many jobs that are not due for an hour; a window of five minutes, which is eight hours for these rules.
    unjudged = opened.use(await openStage({ SEQPULSE_PRE_SAMPLES: '60', SEQPULSE_PRE_INTERVAL_SECONDS: '3600' }));
    const database = opened.use(await createTestDatabase());
    const proxy = opened.use(await startDatabaseProxy(database.url));
    const service = opened.use(await startTestService({ databaseUrl: proxy.url }));
    const late = opened.use(await createTestDatabase());
    const wallClock = () => Date.now() - 8_000;
    const askew = opened.use(await startTestService({ databaseUrl: late.url, wallClock }));
    broken = { service, database: proxy, query: async (sql) => await database.query(sql) };

    stack = opened.use(await startMonitoringStack(programs, FASTER));
    groups = [
      { environment: 'healthy', targets: [hostOf(healthy.running), DEAD_REPLICA] },
      { environment: 'overloaded', targets: [hostOf(overloaded.running)] },
      { environment: 'unjudged', targets: [hostOf(unjudged.running)] },
      { environment: 'broken', targets: [hostOf(service)] },
      { environment: 'askew', targets: [hostOf(askew)] },
    ];
    stack.scrape(groups);
    await until('all targets to be scraped', PATIENCE_SECONDS, async () => {
      const health = (await scrapeTargets(stack.prometheus)).map((target) => target.health);
      return health.filter((state) => state === 'up').length === 5;
    });
  });
  afterAll(async () => await opened.disposeAsync(), 60_000);

  async function receive(alertname: string, labels: Record<string, string>, receiver = '/team') {
    return await until(`${alertname} ${JSON.stringify(labels)} at the receiver`, PATIENCE_SECONDS, () =>
      stack.webhooks
        .received(receiver)
        .find((alert) => alert.status === 'firing' && matches(alert.labels, { alertname, ...labels })),
    );
  }

  /** Fires in Prometheus and is held back by Alertmanager, because something else explains it. */
  async function beHeldBack(alertname: string, labels: Record<string, string>) {
    type Held = { labels: Record<string, string>; status: { inhibitedBy: unknown[] } };
    return await until(`${alertname} ${JSON.stringify(labels)} to be held back`, PATIENCE_SECONDS, async () =>
      (await stack.alertmanager.get<Held[]>('/v2/alerts')).find(
        (alert) => matches(alert.labels, { alertname, ...labels }) && alert.status.inhibitedBy.length > 0,
      ),
    );
  }

  // At the same time: most of each is waiting.
  describe.concurrent('while each installation has its own trouble', () => {
    test('the watchdog goes to the heartbeat receiver, and again and again', async () => {
      await receive('SeqPulseWatchdog', { severity: 'info' }, '/heartbeat');
      await until('a second heartbeat', PATIENCE_SECONDS, () => stack.webhooks.received('/heartbeat').length > 1);
    });

    test('one dead replica of two is a ticket', async () => {
      await receive('SeqPulseDown', { environment: 'healthy', scope: 'replica', instance: DEAD_REPLICA });
    });

    test('a replica whose clock is 8 s behind the database’s is a ticket', async () => {
      await receive('SeqPulseClockOffset', { environment: 'askew', severity: 'warning' });
    }, 240_000);

    test('finished deployments without a verdict, and thousands of waiting jobs, are noticed', async () => {
      const { api, app } = unjudged;
      const envs = Array.from({ length: 90 }, (_, index) => `env-${index}`);
      const { apiKey } = await api.newProject({ name: 'many', endpoint: app.url, envs });
      const ids: string[] = [];
      for (const env of envs) ids.push((await api.trigger(apiKey, { env })).body.deployment_id);
      for (const id of ids.slice(0, 2)) await api.finish(apiKey, { deployment_id: id, result: 'success' });
      await receive('SeqPulseSchedulerPendingHigh', { environment: 'unjudged', severity: 'info' });
      await receive('SeqPulseNoVerdicts', { environment: 'unjudged', severity: 'critical' });
    });

    test('applications that cannot be read cost jobs, and reads that hang pile up', async () => {
      const { api, app } = overloaded;
      const envs = Array.from({ length: 140 }, (_, index) => `env-${index}`);
      const { apiKey } = await api.newProject({ name: 'unreadable', endpoint: app.url, envs });
      app.behaviour = (response) => {
        response.statusCode = 500;
        response.end();
      };
      for (const env of envs.slice(0, 60)) await api.trigger(apiKey, { env });
      await receive('SeqPulseSchedulerJobsFailed', { environment: 'overloaded', severity: 'warning' });
      await receive('SeqPulseTargetsFailing', { environment: 'overloaded', severity: 'warning' });

      app.behaviour = () => {};
      for (const env of envs.slice(60)) await api.trigger(apiKey, { env });
      await receive('SeqPulseSchedulerBacklog', { environment: 'overloaded', severity: 'critical' });
      await beHeldBack('SeqPulseSchedulerBacklog', { environment: 'overloaded', severity: 'warning' });
    });

    test('messages that do not arrive are noticed', async () => {
      const { api } = unjudged;
      // Nobody listens on it.
      const { body } = await api.operator('POST', '/notifications', {
        type: 'webhook',
        url: `http://${DEAD_REPLICA}/`,
      });
      const path = `/notifications/${body.id}/test`;
      const stop = repeat(async () => expect((await api.operator('POST', path)).status).toBe(422), 300);
      try {
        await receive('SeqPulseNotificationsFailing', { environment: 'unjudged', severity: 'warning' });
      } finally {
        await stop();
      }
    });

    test('slow answers are noticed: a signed trigger waits for an application that hangs', async () => {
      const { api, app } = healthy;
      const { id, apiKey } = await api.newProject({ name: 'signed', endpoint: app.url });
      expect((await api.operator('POST', `/projects/${id}/hmac`)).status).toBe(200);
      app.behaviour = () => {};
      const stop = repeat(async () => expect((await api.trigger(apiKey, { env: 'prod' })).status).toBe(422), 200);
      try {
        await receive('SeqPulseHttpLatencyHigh', { environment: 'healthy', severity: 'critical' });
        await beHeldBack('SeqPulseHttpLatencyHigh', { environment: 'healthy', severity: 'warning' });
      } finally {
        await stop();
      }
    });

    test('answers with 5xx burn the error budget, and a database that is gone explains them', async () => {
      const { api } = broken.service;
      await broken.query('alter table seqpulse.projects rename to projects_gone');
      const stop = repeat(async () => expect((await api.operator('GET', '/projects')).status).toBe(500), 100);
      try {
        await receive('SeqPulseHttpErrorBudgetBurn', { environment: 'broken', severity: 'critical', window: '1h' });
        await receive('SeqPulseHttpErrorBudgetBurn', { environment: 'broken', severity: 'critical', window: '6h' });
        await beHeldBack('SeqPulseHttpErrorBudgetBurn', { environment: 'broken', severity: 'warning', window: '1d' });
        await beHeldBack('SeqPulseHttpErrorBudgetBurn', { environment: 'broken', severity: 'warning', window: '3d' });
      } finally {
        await stop();
      }
      await broken.database.goAway();
      await receive('SeqPulseDatabaseUnreachable', { environment: 'broken', severity: 'critical' });
      await broken.database.comeBack();
    });
  });

  test('a service that has gone is noticed, and so is an empty target list', async () => {
    await unjudged.running.service.close();
    await receive('SeqPulseDown', { environment: 'unjudged', scope: 'environment', severity: 'critical' });
    stack.scrape([]);
    await receive('SeqPulseDown', { scope: 'installation', severity: 'critical' });
  });

  test('every alert of the catalogue has reached a receiver, with a runbook that opens', async () => {
    const received = [...stack.webhooks.received('/team'), ...stack.webhooks.received('/heartbeat')];
    expect([...new Set(received.map(({ labels }) => labels.alertname))].sort()).toEqual([...ALERT_NAMES].sort());
    for (const { labels, annotations } of received) {
      const runbook = annotations.runbook_url?.replace(
        new URL(DEFAULT_LINK_BASES.runbooks).origin,
        stack.prometheus.url,
      );
      const page = await fetch(runbook ?? '');
      expect(page.status, `${labels.alertname}: ${runbook}`).toBe(200);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(await page.text()).toContain(`>${labels.alertname}</h1>`);
    }
  });

  test('no alert names an environment whose service is well', async () => {
    const unexpected = ['SeqPulseHttpErrorBudgetBurn', 'SeqPulseNoVerdicts', 'SeqPulseSchedulerBacklog'];
    const names = stack.webhooks.received('/team').filter(({ labels }) => labels.environment === 'healthy');
    expect(names.filter(({ labels }) => unexpected.includes(labels.alertname ?? ''))).toEqual([]);
    expect(
      await queryPrometheus(
        stack.prometheus,
        'ALERTS{environment="healthy",alertname="SeqPulseDown",scope="environment"}',
      ),
    ).toEqual([]);
  });
});

function hostOf({ service }: TestService): string {
  return new URL(service.url).host;
}

function matches(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
