import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { START_TIME, TestClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

test('a start that fails at its last step leaves no worker behind that fetches over closed connections', async () => {
  await using database = await createTestDatabase();
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const clock = new TestClock(START_TIME);
  const WARN = 40;
  const logged: Record<string, unknown>[] = [];

  const start = startTestService({ databaseUrl: database.url, env: { PORT: String(port) }, clock, logged });
  await expect(start).rejects.toThrow(`Port ${port} on 127.0.0.1 is already in use`);
  // Two polls of every worker that is still there.
  await clock.tick(1_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged.filter(({ level }) => Number(level) >= WARN)).toEqual([]);
  holder.close();
});
