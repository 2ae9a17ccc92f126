import type { Resource } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { createSpanInstrumentations } from './spans.ts';

/**
 * Starts the export of spans and log records, with the SDK's own reading of the environment (exporters, endpoints,
 * headers, samplers, batch sizes) and registered globally, so that `@opentelemetry/api` reaches it from anywhere.
 * Metrics are not its business: they have our views in either direction.
 *
 * Load this file only when something is pushed: the SDK brings every exporter there is, about 10 MB.
 */
export function startSignals(
  wanted: { readonly traces: boolean; readonly logs: boolean },
  resource: Resource,
): NodeSDK {
  const sdk = new NodeSDK({
    resource,
    // The default detectors put the command line and the user's name on everything.
    autoDetectResources: false,
    metricReaders: [],
    instrumentations: wanted.traces ? createSpanInstrumentations() : [],
    // Left out, the SDK builds them from the environment, and pushes to localhost when that says nothing.
    ...(wanted.traces ? {} : { spanProcessors: [] }),
    ...(wanted.logs ? {} : { logRecordProcessors: [] }),
  });
  sdk.start();
  return sdk;
}
