import { PgBoss } from 'pg-boss';
import { RAW_QUEUE } from './backlog.ts';

/** What the queue alone can do: pg-boss' own workers, whose jobs have nothing to do. Ends by SIGTERM. */
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL ?? '', supervise: false, schedule: false });
boss.on('error', console.error);
await boss.start();
await boss.createQueue(RAW_QUEUE);
await boss.work(
  RAW_QUEUE,
  { batchSize: 50, localConcurrency: 4, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true },
  async () => {},
);
process.once('SIGTERM', () => void boss.stop({ graceful: false }).then(() => process.exit(0)));
console.log('raw pg-boss works');
