import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    // One process a file: each file has its own database and its own OpenTelemetry provider.
    pool: 'forks',
    // On a shared machine one test in 1,800 may meet a bad second; the report marks it as retried. Never at a desk.
    retry: process.env.CI === 'true' ? 1 : 0,
    // Generous: a timeout is there to end what hangs, not to measure. Tests wait for states.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
