/**
 * `npm run bench:pages`: what a report with 90 samples costs the service, one after the other for an operator who is signed
 * in: CPU milliseconds a page, and its size as it is sent and packed. Server on core 0, database and client on core 1.
 */
import { gzipSync } from 'node:zlib';
import { makeDeployment, RUINED } from '../harness/made-deployments.ts';
import { runOwning } from '../harness/ownership/run-owning.ts';
import { connectTo, openBenchDatabase } from './bench-database.ts';
import { median } from './load.ts';
import { cpuSecondsOf, pinSelf } from './pinned-process.ts';
import { ADMIN_TOKEN, startSubject } from './subject.ts';

const ROUNDS = 7;
const PAGES_A_ROUND = 100;

await runOwning('bench-pages', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  await pinSelf(1);
  const database = await openBenchDatabase(folder);
  opened.defer(async () => await database.close());
  const subject = await startSubject({ DATABASE_URL: database.connectionString });
  opened.defer(async () => await subject.process.stop());
  const connection = await connectTo(database.connectionString);
  opened.defer(async () => await connection.end());
  const { id: projectId } = await subject.operator('POST', '/projects', { name: 'large' });
  const id = await makeDeployment(connection, {
    projectId: String(projectId),
    env: 'prod',
    number: 1,
    startedAtMs: Date.now() - 2 * 3_600_000,
    windowMinutes: 75,
    levels: RUINED,
  });
  const signedIn = await fetch(`${subject.url}/ui/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: subject.url },
    body: new URLSearchParams({ token: ADMIN_TOKEN, next: '/' }),
  });
  const Cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const open = async () => {
    const answer = await fetch(`${subject.url}/ui/deployments/${id}`, { headers: { Cookie }, redirect: 'manual' });
    if (answer.status !== 200) throw new Error(`the page answers ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const page = await open();
  const cpuMs: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = cpuSecondsOf(subject.process.pid);
    for (let count = 0; count < PAGES_A_ROUND; count += 1) await open();
    if (round > 0) cpuMs.push(((cpuSecondsOf(subject.process.pid) - before) / PAGES_A_ROUND) * 1_000);
  }
  console.log(
    `a report with 90 samples: ${median(cpuMs).toFixed(1)} ms of CPU (${ROUNDS} × ${PAGES_A_ROUND} pages), ` +
      `${(page.length / 1_000).toFixed(1)} kB, packed ${(gzipSync(page).length / 1_000).toFixed(1)} kB`,
  );
  return 0;
});
