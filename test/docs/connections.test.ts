import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONNECTIONS_PER_REPLICA, POOL_SIZES } from '../../src/service/connections.ts';

const page = (path: string) =>
  readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');

test('how many connections a replica takes is the same number wherever it is said', () => {
  const decision = page('decisions/0003-connections-by-purpose.md');
  expect(decision).toContain(`up to ${CONNECTIONS_PER_REPLICA} connections a replica`);
  expect(decision).toContain(
    `${POOL_SIZES.jobs + POOL_SIZES.scheduler + POOL_SIZES.listen} connections a replica there`,
  );
  expect(decision).toContain(`enough for two replicas (${2 * CONNECTIONS_PER_REPLICA + 10})`);
  expect(page('runbooks/SeqPulseDatabaseUnreachable.md')).toContain(`up to ${CONNECTIONS_PER_REPLICA} connections`);
});
