import { configDefaults, defineConfig } from 'vitest/config';

/** Pure functions that are tried on very many inputs: as pure as `unit`, too long for a look between two edits. */
const DRAWN = [
  'test/baseline/quiet-times-check.test.ts',
  'test/http/openapi.test.ts',
  'test/sources/network/address-policy.test.ts',
  'test/sources/otlp/wire.test.ts',
  'test/sources/pull/{body-contract,endpoint-url}.test.ts',
  'test/verdict/{custom-any,custom-renamed,others-drawn,properties}.test.ts',
];

/** Pure functions and what reads files alone: no database, no process, no server. Five seconds together. */
const UNIT = [
  'test/verdict/**/*.test.ts',
  'test/model/**/*.test.ts',
  'test/lifecycle/**/*.test.ts',
  'test/operators/**/*.test.ts',
  'test/report/**/*.test.ts',
  'test/baseline/**/*.test.ts',
  'test/batching/**/*.test.ts',
  'test/cli/{ci,pace,voice}.test.ts',
  'test/chaos/*.test.ts',
  'test/upgrade/expand-only.test.ts',
  'test/config/**/*.test.ts',
  'test/data-folder/secret-box.test.ts',
  'test/db/**/*.test.ts',
  'test/health/**/*.test.ts',
  'test/house/{names,sizes}.test.ts',
  'test/http/**/*.test.ts',
  'test/notify/**/*.test.ts',
  'test/pages/pieces.test.ts',
  'test/jobs/read-job.test.ts',
  'test/log/readable-lines.test.ts',
  'test/sources/otlp/*.test.ts',
  'test/sources/pull/signature.test.ts',
];

/**
 * Minutes together: commands that are interrupted (this suite's own among them), servers that are killed or fall silent,
 * databases behind poolers and under other defaults, the command line, the Action and the pages from outside (a shell, a
 * runner, a browser), applications of other languages.
 */
const LONG = [
  'test/harness/ownership/*-interrupted.test.ts',
  'test/integration/{changes-at-once,custom-metrics,detected-by-label,detected-deployments,database-silent,durable,early-messages,hostile-databases,hostile-defaults,hostile-reads,late-checks,notifications-killed,poolers,several-hosts}.test.ts',
  'test/collector/{collector-away,paths}.test.ts',
  'test/otlp/*.test.ts',
  'test/sources/prometheus/real-applications.test.ts',
  'test/upgrade/last-release.test.ts',
  'test/action/*.test.ts',
  'test/cli/{early,gate,package,recipes,terminal}.test.ts',
  'test/docs/{ci-recipe,run-it}.test.ts',
  'test/pages/{looks,reading}.test.ts',
  'test/log/terminal.test.ts',
  'test/grafana/{kpi-hours,kpi-tallies}.test.ts',
  'test/kubernetes/*.test.ts',
  'test/process/*.test.ts',
  'test/embedded-postgres/life.test.ts',
  'test/otel/prometheus.test.ts',
  'test/prometheus/{alerts-end-to-end,rule-files}.test.ts',
];

/** Run by `npm test` as well, on fewer cases. */
const MORE_CASES = ['test/verdict/properties.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    // Files mostly wait (for heartbeats, scrapes, timeouts): with one a core, as is the default, two cores idle for minutes.
    maxWorkers: 4,
    // Generous: a timeout is there to end what hangs, not to measure. Tests wait for states; what takes longer says so itself.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: UNIT,
          exclude: [...configDefaults.exclude, ...DRAWN],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'drawn',
          include: DRAWN,
          // How many cases are drawn is up to whoever calls.
          testTimeout: 600_000,
          setupFiles: ['test/support/same-draws.ts'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...UNIT, ...DRAWN, ...LONG],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/leave-nothing.ts'],
          // One process a file: each file has its own database and its own OpenTelemetry provider.
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [...LONG, ...MORE_CASES],
          env: { SEQPULSE_PROPERTY_RUNS: '2000' },
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/same-draws.ts'],
          pool: 'forks',
        },
      },
    ],
  },
});
