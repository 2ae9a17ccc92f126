import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/parse-config.ts';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import { type ShowingDeps, showDeployment, showSample } from '../http/views.ts';
import { StartError } from '../model/start-error.ts';
import type { Instruments } from '../model/telemetry.ts';
import { createMail, type MailServer } from '../notify/channels/mail.ts';
import { createSlack } from '../notify/channels/slack.ts';
import { createWebhook } from '../notify/channels/webhook.ts';
import type { ChannelDeps, NotifyDeps } from '../notify/deps.ts';
import type { ToldDeployment } from '../notify/message.ts';
import type { ReportedDeployment, ReportedSample } from '../report/wire.ts';
import type { Network } from '../sources/http/visit.ts';

export interface NotificationParts {
  /** For the sender, */
  readonly sending: NotifyDeps;
  /** and for operators' requests. */
  readonly operating: ChannelDeps;
}

/** Hands the room of messages what it asks for; nothing is opened here. */
export function createNotificationDeps(opened: {
  readonly requestsDb: Database;
  readonly workersDb: Database;
  readonly network: Network;
  readonly secretBox: SecretBox;
  readonly telemetry: Instruments;
  readonly log: Logger;
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom'>;
  readonly showing: ShowingDeps;
  readonly now: () => number;
}): NotificationParts {
  const { requestsDb, workersDb, network, secretBox, telemetry, log, showing, now } = opened;
  const server = mailServerOf(opened.config);
  const shared = {
    notifiers: {
      webhook: createWebhook({ network, now }),
      slack: createSlack({ network }),
      mail: createMail({ network, server }),
    },
    secretBox,
    telemetry,
    log,
    now,
  };
  const reading = (db: Database) => async (id: string) => await readDeployment(db, showing, id);
  return {
    sending: { ...shared, db: workersDb, readDeployment: reading(workersDb) },
    operating: {
      ...shared,
      db: requestsDb,
      readDeployment: reading(requestsDb),
      newId: randomUUID,
      randomHex: (bytes) => randomBytes(bytes).toString('hex'),
      canMail: server !== null,
    },
  };
}

/** As the API answers it: messages say what pages and pipelines say. */
async function readDeployment(db: Database, showing: ShowingDeps, id: string): Promise<ToldDeployment | null> {
  const found = await db.deploymentReads.find(id, null);
  if (found === null) return null;
  const samples = await db.samples.listOf(id);
  return {
    deployment: showDeployment(showing, found, { kind: 'project' }) as ReportedDeployment,
    samples: samples.map((sample) => showSample(sample) as ReportedSample),
  };
}

function mailServerOf({ smtpUrl, mailFrom }: Pick<Config, 'smtpUrl' | 'mailFrom'>): MailServer | null {
  if (smtpUrl !== null && mailFrom !== null) return { url: smtpUrl, from: mailFrom };
  if (smtpUrl === null && mailFrom === null) return null;
  throw new StartError('SEQPULSE_SMTP_URL and SEQPULSE_MAIL_FROM belong together: set both, or neither.');
}
