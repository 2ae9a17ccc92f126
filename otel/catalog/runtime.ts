import { SCOPE_NAME } from '../../src/model/telemetry.ts';
import type { Label, Metric } from './metric.ts';

/** The scope of @opentelemetry/instrumentation-runtime-node, whose instruments the rows below rename. */
export const RUNTIME_METER = '@opentelemetry/instrumentation-runtime-node';

/**
 * The process and its runtime. The library's instruments have names without units, which only the Collector would
 * append: the names here carry them, so that both ways give one name.
 */
export const runtimeMetrics = {
  processCpu: {
    name: 'process_cpu_seconds_total',
    kind: 'counter',
    unit: 's',
    description: 'User and system CPU time spent.',
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: 'process.cpu.time' },
    convention: { attributes: [] },
  },
  processResidentMemory: processGauge('resident_memory_bytes', 'By', 'memory.resident', 'Resident memory.'),
  processVirtualMemory: processGauge(
    'virtual_memory_bytes',
    'By',
    'memory.virtual',
    'Address space, most of which a Node process only reserves; Linux only.',
  ),
  processStartTime: processGauge('start_time_seconds', 's', 'start_time', 'Start of the process, in Unix time.'),
  processOpenFds: processGauge('open_fds', '{fd}', 'fds.open', 'Open file descriptors; Linux only.'),
  processMaxFds: processGauge('max_fds', '{fd}', 'fds.max', 'Limit of open file descriptors; Linux only.'),
  nodejsVersion: {
    name: 'nodejs_version_info',
    kind: 'gauge',
    unit: '{version}',
    description: 'Version of Node.js; the value is always 1.',
    labels: ['version', 'major', 'minor', 'patch'].map(versionLabel),
    recordedAs: { meter: SCOPE_NAME, instrument: 'seqpulse.nodejs.version' },
    // A process has one.
    seriesLimit: 1,
  },

  eventLoopDelayMean: eventLoopDelay('mean', 'mean'),
  eventLoopDelayP50: eventLoopDelay('p50', 'median'),
  eventLoopDelayP90: eventLoopDelay('p90', '90th percentile'),
  eventLoopDelayP99: eventLoopDelay('p99', '99th percentile'),
  eventLoopDelayMax: eventLoopDelay('max', 'maximum'),
  eventLoopUtilization: {
    name: 'nodejs_eventloop_utilization_ratio',
    kind: 'gauge',
    unit: '1',
    description: 'Share of the time since the last reading in which the event loop was not idle, 0 to 1.',
    labels: [],
    recordedAs: { meter: RUNTIME_METER, instrument: 'nodejs.eventloop.utilization' },
    convention: { attributes: [] },
  },
  eventLoopTime: {
    name: 'nodejs_eventloop_time_seconds_total',
    kind: 'counter',
    unit: 's',
    description: 'Time the event loop spent active and idle.',
    labels: [{ name: 'nodejs_eventloop_state', attribute: 'nodejs.eventloop.state', values: ['active', 'idle'] }],
    recordedAs: { meter: RUNTIME_METER, instrument: 'nodejs.eventloop.time' },
    convention: { attributes: ['nodejs.eventloop.state'] },
  },
  gcDuration: {
    name: 'v8js_gc_duration_seconds',
    kind: 'histogram',
    unit: 's',
    description: 'Garbage collections, by kind.',
    labels: [
      {
        name: 'v8js_gc_type',
        attribute: 'v8js.gc.type',
        values: ['major', 'minor', 'incremental', 'weakcb'],
      },
    ],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    recordedAs: { meter: RUNTIME_METER, instrument: 'v8js.gc.duration' },
    convention: { attributes: ['v8js.gc.type'], buckets: [0.01, 0.1, 1, 10] },
  },
  heapUsed: heapSpace('v8js_memory_heap_used_bytes', 'v8js.memory.heap.used', 'Heap in use.'),
  heapSpaceSize: heapSpace(
    'v8js_memory_heap_space_size_bytes',
    'v8js.memory.heap.space.size',
    'Heap reserved for a space.',
  ),
  heapSpaceAvailable: heapSpace(
    'v8js_memory_heap_space_available_size_bytes',
    'v8js.memory.heap.space.available_size',
    'Heap still free in a space.',
  ),
  heapSpacePhysical: heapSpace(
    'v8js_memory_heap_space_physical_size_bytes',
    'v8js.memory.heap.space.physical_size',
    'Heap committed for a space.',
  ),
} as const satisfies Record<string, Metric>;

function processGauge(name: string, unit: string, instrument: string, description: string): Metric {
  return {
    name: `process_${name}`,
    kind: 'gauge',
    unit,
    description,
    labels: [],
    recordedAs: { meter: SCOPE_NAME, instrument: `seqpulse.process.${instrument}` },
  };
}

function versionLabel(part: string): Label {
  return { name: part, attribute: `seqpulse.nodejs.${part}`, values: 'runtime version' };
}

function eventLoopDelay(statistic: string, words: string): Metric {
  return {
    name: `nodejs_eventloop_delay_${statistic}_seconds`,
    kind: 'gauge',
    unit: 's',
    description: `Delay of the event loop since the last reading, ${words}; an idle loop shows the 10 ms between two probes.`,
    labels: [],
    recordedAs: { meter: RUNTIME_METER, instrument: `nodejs.eventloop.delay.${statistic}` },
    convention: { attributes: [] },
  };
}

function heapSpace(name: string, instrument: string, description: string): Metric {
  return {
    name,
    kind: 'gauge',
    unit: 'By',
    description: `${description} By V8 heap space.`,
    labels: [{ name: 'v8js_heap_space_name', attribute: 'v8js.heap.space.name', values: 'V8 heap space' }],
    recordedAs: { meter: RUNTIME_METER, instrument },
    convention: { attributes: ['v8js.heap.space.name'] },
    // Node 24 has 13 spaces.
    seriesLimit: 32,
  };
}
