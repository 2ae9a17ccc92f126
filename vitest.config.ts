import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-nothing.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    // One process a file: each file has its own database and its own OpenTelemetry provider.
    pool: 'forks',
    // Files mostly wait (for heartbeats, scrapes, timeouts): with one a core, as is the default, two cores idle for minutes.
    maxWorkers: 4,
    // Generous: a timeout is there to end what hangs, not to measure. Tests wait for states.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
