import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Acceleration,
  accelerateAlertmanagerFiles,
  acceleratePrometheusFiles,
  DOCS_FOLDER,
  type TargetGroup,
  writeAlertmanagerTarget,
  writeServiceTargets,
} from '../../harness/monitoring-files.ts';
import type { MonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer, startPrometheus } from '../../harness/monitoring-server.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** Prometheus with the repository's rules → Alertmanager with its routes → a receiver on loopback. */
export interface MonitoringStack extends AsyncDisposable {
  readonly prometheus: MonitoringServer;
  readonly alertmanager: MonitoringServer;
  /** `/team` and `/heartbeat`, as Alertmanager's two receivers are called. */
  readonly webhooks: WebhookReceiver;
  /** From now on these are scraped. */
  scrape(groups: readonly TargetGroup[]): void;
}

/** Both programs run the repository's own files, accelerated; Alertmanager is started by its own start.sh. */
export async function startMonitoringStack(
  programs: MonitoringPrograms,
  faster: Acceleration,
): Promise<MonitoringStack> {
  await using opened = new AsyncDisposableStack();
  const temporaryFolder = (name: string) => {
    const folder = mkdtempSync(join(tmpdir(), `seqpulse-${name}-`));
    opened.defer(() => rmSync(folder, { recursive: true }));
    return folder;
  };
  const webhooks = opened.use(await startWebhookReceiver());

  const alertmanagerFolder = temporaryFolder('alertmanager');
  accelerateAlertmanagerFiles(alertmanagerFolder, faster);
  const alertmanager = opened.use(
    await startMonitoringServer({
      command: ({ address, dataFolder }) => [
        'sh',
        join(alertmanagerFolder, 'start.sh'),
        `--storage.path=${dataFolder}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
      ],
      env: {
        ALERTMANAGER_PROGRAM: programs.path('alertmanager'),
        ALERTMANAGER_RENDERED: join(alertmanagerFolder, 'rendered.yml'),
        ALERT_WEBHOOK_URL: `${webhooks.url}/team`,
        ALERT_HEARTBEAT_URL: `${webhooks.url}/heartbeat`,
      },
    }),
  );

  const prometheusFolder = temporaryFolder('prometheus');
  acceleratePrometheusFiles(prometheusFolder, faster);
  writeAlertmanagerTarget(prometheusFolder, alertmanager.address);
  const prometheus = opened.use(
    await startPrometheus(
      programs.path('prometheus'),
      prometheusFolder,
      `--web.user-assets=${DOCS_FOLDER}`,
      // What fires before Alertmanager has been found is sent again only after this (1 minute by default).
      '--rules.alert.resend-delay=2s',
    ),
  );
  const closing = opened.move();
  return {
    prometheus,
    alertmanager,
    webhooks,
    scrape: (groups) => writeServiceTargets(prometheusFolder, groups),
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  };
}
