import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findBreaches } from '../../scripts/fences/breaches.ts';
import { ROOMS } from '../../scripts/fences/plan.ts';

const probe = (path: string, text: string) => findBreaches(new Map([[path, text]]), ROOMS);

/** Each of these must be refused: the room, and what stands in a file of it. */
const FORBIDDEN: readonly [room: string, text: string][] = [
  ['src/verdict', `import 'node:fs';`],
  ['src/verdict', `import { readFile } from 'node:fs/promises';`],
  ['src/verdict', `import type { Socket } from 'node:net';`],
  ['src/verdict', `export { join } from 'node:path/posix';`],
  ['src/verdict', `export * from '../model/sample.ts';`],
  ['src/verdict', `const fs = await import('node:fs');`],
  ['src/verdict', `let a: import('../db/database.ts').Database;`],
  ['src/verdict', `import fs = require('fs');`],
  ['src/verdict', `const fs = require('node:fs');`],
  ['src/verdict', `import 'zod';`],
  ['src/verdict', `const at = Date.now();`],
  ['src/verdict', `const at = Date['now']();`],
  ['src/verdict', `const at = new Date();`],
  ['src/verdict', `const at = Date();`],
  ['src/verdict', `const dice = Math.random();`],
  ['src/verdict', `const home = process.env.HOME;`],
  ['src/verdict', `const home = globalThis.process;`],
  ['src/verdict', `const at = performance.now();`],
  ['src/verdict', `const answer = fetch('http://127.0.0.1');`],
  ['src/verdict', `setTimeout(() => {}, 1);`],
  ['src/model', `import type { Database } from '../db/database.ts';`],
  ['src/model', `import type { Logger } from 'pino';`],
  ['src/lifecycle', `import pg from 'pg';`],
  ['src/lifecycle', `import type { Pool } from 'pg';`],
  ['src/lifecycle', `import { trace } from '@opentelemetry/api';`],
  ['src/lifecycle', `import { metrics } from '@opentelemetry/sdk-metrics';`],
  ['src/lifecycle', `import type { PgBoss } from 'pg-boss';`],
  ['src/lifecycle', `import type { Context } from 'koa';`],
  ['src/lifecycle', `import { request } from 'undici';`],
  ['src/lifecycle', `import { gather } from '../batching/gather.ts';`],
  ['src/lifecycle', `import { joinDeployment } from '../tracing/deployment-trace.ts';`],
  ['src/lifecycle', `import type { Instruments } from '../../otel/metrics/instruments.ts';`],
  ['src/baseline', `import { trigger } from '../lifecycle/trigger.ts';`],
  ['src/baseline', `import pg from 'pg';`],
  ['src/db', `import { PgBoss } from 'pg-boss';`],
  ['src/db', `import type { Client } from 'undici';`],
  ['src/db', `import { trigger } from '../lifecycle/trigger.ts';`],
  ['src/db', `import { judgeLevel } from '../baseline/level.ts';`],
  ['src/db', `import { createStatementSpans } from '../tracing/statement-spans.ts';`],
  ['src/db/deployments', `import { buildApp } from '../../http/app.ts';`],
  ['src/http', `import { PgBoss } from 'pg-boss';`],
  ['src/http', `import pg from 'pg';`],
  ['src/http', `import { openBoss } from '../jobs/scheduler.ts';`],
  ['src/http/handlers', `import { openDatabase } from '../../db/database.ts';`],
  ['src/sources/pull', `import { createPool } from '../../db/connection/pool.ts';`],
  ['src/sources/network', `import { createSecretBox } from '../../data-folder/secret-box.ts';`],
  ['src/embedded-postgres', `import { openDatabase } from '../db/database.ts';`],
  ['src/tracing', `import { NodeSDK } from '@opentelemetry/sdk-node';`],
  ['src/service', `import { PgBoss } from 'pg-boss';`],
  ['otel', `import { startService } from '../src/service/start.ts';`],
  ['otel/metrics', `import pg from 'pg';`],
  ['src/jobs', `const module = await import(name);`],
  ['src/jobs', `import { anything } from '../new-room/file.ts';`],
  ['client', `import { METRICS } from '../src/verdict/types.ts';`],
  ['bench', `import { until } from '../test/support/until.ts';`],
];

test.each(FORBIDDEN)('%s: %s is refused', (room, text) => {
  expect(probe(`${room}/probe.ts`, text)[0]).toMatch(/^\S+probe\.ts:1: /);
});

test('what the plan names passes: packages, what lies below them, rooms above, a time that was handed in', () => {
  expect(probe('src/verdict/probe.ts', `import './judge.ts'; export const at = (ms: number) => new Date(ms);`)).toEqual(
    [],
  );
  expect(probe('src/data-folder/probe.ts', `import 'node:fs/promises'; import '../model/start-error.ts';`)).toEqual([]);
});

test('circles are found, also of types alone and of one file', () => {
  const circle = new Map([
    ['src/model/a.ts', `import type { B } from './b.ts'; export type A = B;`],
    ['src/model/b.ts', `import type { C } from './c.ts'; export type B = C;`],
    ['src/model/c.ts', `import type { A } from './a.ts'; export type C = A;`],
    ['src/model/d.ts', `import './a.ts';`],
  ]);
  expect(findBreaches(circle, ROOMS)).toEqual(['a circle of imports: src/model/a.ts, src/model/b.ts, src/model/c.ts']);
  expect(probe('src/model/a.ts', `export * from './a.ts';`)).toEqual(['a circle of imports: src/model/a.ts']);
});

test('the plan points one way: every room names only rooms that stand before it', () => {
  const before = new Set<string>();
  const after = ROOMS.flatMap(({ folder, rooms }) => {
    const early = rooms.filter((name) => !before.has(name)).map((name) => `${folder} → ${name}`);
    before.add(folder);
    return early;
  });
  expect(after).toEqual([]);
});

test('the house keeps to its plan, and one file that does not is named by the command', async () => {
  const check = async (root: string) =>
    await promisify(execFile)(process.execPath, ['scripts/fences/check.ts', root]).catch((error) => error);
  expect((await check('.')).stdout).toMatch(/^\d{3} files, 0 breaches of the plan\.$/m);

  const root = mkdtempSync(join(tmpdir(), 'seqpulse-fences-'));
  try {
    cpSync('src/verdict', join(root, 'src/verdict'), { recursive: true });
    writeFileSync(join(root, 'src/verdict/probe.ts'), `import 'node:fs';\n`);
    const { code, stderr } = await check(root);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'src/verdict/probe.ts:1: src/verdict may not import node:fs\n',
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});
