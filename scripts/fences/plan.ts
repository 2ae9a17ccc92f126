/**
 * The plan of the house: which room may import which, and which packages. What is not named is forbidden. Rooms are
 * folders; a file belongs to the longest name that fits. Read from below: every room only names rooms above it here.
 */
export interface Room {
  readonly folder: string;
  readonly rooms: readonly string[];
  /** Packages and node: modules; a name also stands for what lies below it (`node:fs` for `node:fs/promises`). */
  readonly packages: readonly string[];
  /** No clock, randomness, environment or other global that makes two calls differ. */
  readonly pure?: boolean;
}

const WORDS = ['src/verdict', 'src/model'];
const FILES = ['node:fs', 'node:path', 'node:url'];

export const ROOMS: readonly Room[] = [
  // Bundled into the command line and the Action: it runs on Node 20 too, and knows nothing of the service's inside.
  { folder: 'client', rooms: [], packages: [] },
  { folder: 'src/verdict', rooms: [], packages: [], pure: true },
  // Read by whatever shows a report, the command line and the Action among them: bundled for Node 20 as well.
  { folder: 'src/report', rooms: ['src/verdict'], packages: [], pure: true },
  {
    folder: 'cli',
    rooms: ['client', 'src/report'],
    packages: ['node:child_process', 'node:crypto', 'node:os', 'node:timers/promises', 'node:util', ...FILES],
  },
  {
    folder: 'action',
    rooms: ['client', 'cli', 'src/report'],
    packages: ['node:crypto', 'node:os', 'node:timers/promises', ...FILES],
  },
  // Made when the command line is packed, or generated: never part of what runs.
  { folder: 'scripts/bundle.ts', rooms: [], packages: ['rolldown', ...FILES] },
  { folder: 'scripts/generated-file.ts', rooms: [], packages: FILES },
  { folder: 'cli/build.ts', rooms: ['scripts/bundle.ts'], packages: FILES },
  { folder: 'cli/generate-cli-doc.ts', rooms: ['cli', 'scripts/generated-file.ts'], packages: [] },
  { folder: 'action/generate-dist.ts', rooms: ['scripts/bundle.ts', 'scripts/generated-file.ts'], packages: FILES },
  { folder: 'src/model', rooms: ['src/verdict'], packages: ['node:crypto'] },
  // Data in, pages out: whoever serves them is in http/.
  { folder: 'src/pages', rooms: [...WORDS, 'src/report'], packages: [], pure: true },
  { folder: 'src/log', rooms: WORDS, packages: ['pino', '@opentelemetry/api', 'node:util'] },
  { folder: 'src/sources/network', rooms: WORDS, packages: ['node:net', 'node:dns', 'node:tls', 'undici'] },
  {
    folder: 'src/sources/network/names',
    rooms: ['src/sources/network'],
    packages: ['node:child_process', 'node:dns', 'node:url'],
  },
  {
    folder: 'src/config',
    rooms: [...WORDS, 'src/sources/network'],
    packages: ['zod', 'node:net', 'node:crypto', ...FILES],
  },
  { folder: 'src/config/generate-settings-doc.ts', rooms: ['src/config', 'scripts/generated-file.ts'], packages: [] },
  { folder: 'src/data-folder', rooms: [...WORDS, 'src/config'], packages: ['node:crypto', ...FILES] },
  {
    folder: 'src/embedded-postgres',
    rooms: ['src/model', 'src/data-folder'],
    packages: [
      'pg',
      'node:child_process',
      'node:crypto',
      'node:events',
      'node:module',
      'node:net',
      'node:timers/promises',
      ...FILES,
    ],
  },
  {
    folder: 'src/sources',
    rooms: [...WORDS, 'src/data-folder', 'src/sources/network', 'src/sources/network/names'],
    packages: [
      'undici',
      'protobufjs',
      'node:crypto',
      'node:net',
      'node:stream',
      'node:timers/promises',
      'node:tls',
      'node:zlib',
    ],
  },
  {
    folder: 'src/db',
    rooms: [...WORDS, 'src/log'],
    packages: ['pg', 'node-pg-migrate', 'pino', 'node:crypto', 'node:url', 'node:fs/promises', 'node:timers/promises'],
  },
  { folder: 'src/health', rooms: [...WORDS, 'src/db'], packages: ['pg'] },
  { folder: 'src/tracing', rooms: [...WORDS, 'src/report', 'src/db'], packages: ['@opentelemetry/api'] },
  {
    folder: 'src/baseline',
    rooms: [...WORDS, 'src/log', 'src/db', 'src/sources'],
    packages: ['pino', 'node:timers/promises'],
  },
  { folder: 'src/projects', rooms: [...WORDS, 'src/data-folder', 'src/db', 'src/sources'], packages: ['pino'] },
  { folder: 'src/operators', rooms: [...WORDS, 'src/data-folder', 'src/db'], packages: ['pino'] },
  // A way to people is a file in channels/; what is around it (outbox, tries, once) knows none of them.
  {
    folder: 'src/notify',
    rooms: [...WORDS, 'src/report', 'src/log', 'src/data-folder', 'src/db', 'src/sources', 'src/sources/network'],
    packages: ['pino', 'nodemailer', 'node:crypto'],
  },
  {
    folder: 'src/lifecycle',
    rooms: [...WORDS, 'src/db', 'src/sources', 'src/baseline'],
    packages: ['pino'],
  },
  { folder: 'src/batching', rooms: [...WORDS, 'src/db', 'src/lifecycle'], packages: ['node:async_hooks'] },
  {
    folder: 'src/jobs',
    rooms: [...WORDS, 'src/log', 'src/db', 'src/tracing', 'src/batching', 'src/lifecycle'],
    packages: ['pg-boss', 'pino', '@opentelemetry/api'],
  },
  {
    folder: 'src/http',
    rooms: [
      ...WORDS,
      'src/report',
      'src/pages',
      'src/data-folder',
      'src/health',
      'src/sources',
      'src/sources/network',
      'src/baseline',
      'src/projects',
      'src/notify',
      'src/operators',
      'src/lifecycle',
      'src/tracing',
    ],
    packages: [
      '@opentelemetry/api',
      'find-my-way',
      'node:util',
      'koa',
      'pino',
      'rate-limiter-flexible',
      'raw-body',
      'node:fs',
      'node:zlib',
      'zod',
      'node:http',
      'node:net',
    ],
  },
  {
    folder: 'src/service',
    rooms: [
      ...WORDS,
      'src/report',
      'src/log',
      'src/config',
      'src/data-folder',
      'src/db',
      'src/health',
      'src/tracing',
      'src/sources',
      'src/sources/network',
      'src/sources/network/names',
      'src/baseline',
      'src/projects',
      'src/notify',
      'src/operators',
      'src/lifecycle',
      'src/batching',
      'src/jobs',
      'src/http',
    ],
    packages: ['pg', 'pino', 'node:crypto', 'node:fs', 'node:timers/promises'],
  },
  {
    folder: 'otel',
    rooms: WORDS,
    packages: ['@opentelemetry', 'node:crypto', 'node:fs', 'node:perf_hooks', 'node:timers/promises'],
  },
  {
    folder: 'otel/catalog/generate-metrics-doc.ts',
    rooms: ['otel', 'scripts/generated-file.ts'],
    packages: FILES,
  },
  {
    folder: 'src/main.ts',
    rooms: ['otel', 'src/model', 'src/log', 'src/config', 'src/data-folder', 'src/embedded-postgres', 'src/service'],
    packages: ['node:crypto'],
  },
  // The package's program: starts Node again, with its arguments, for src/main.ts.
  { folder: 'src/seqpulse-server.ts', rooms: ['otel', 'src/service', 'src/main.ts'], packages: ['node:url'] },
];
