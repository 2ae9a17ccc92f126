/**
 * Loaded before everything else: `node --import ./otel/register.ts src/main.ts`. Instrumentations must be in place before
 * the modules they watch are loaded; src/main.ts imports `telemetry` from here and so gets this one instance.
 */
import packageJson from '../package.json' with { type: 'json' };
import { startTelemetry, type Telemetry } from './start.ts';

export const telemetry: Telemetry = await startTelemetry(process.env, { serviceVersion: packageJson.version });
