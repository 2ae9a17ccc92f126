import { catalog } from '../../otel/catalog/catalog.ts';
import { OPERATIONS_PANELS } from '../../prometheus/alert-catalog.ts';
import { LIMITS } from '../../prometheus/limits.ts';
import type { PanelSpec } from '../kit/panel-spec.ts';
import { badAbove, limitAt } from '../kit/thresholds.ts';
import { series } from './promql.ts';

const { clockOffset, eventLoopDelayP99, residentMemory } = LIMITS;
const REPLICA = '{{environment}} {{instance}}';
/** Of each replica: here one of them may be the ill one. */
const perReplica = (expr: string) => `sum by (environment, instance) (${expr})`;

export const runtimePanels: readonly PanelSpec[] = [
  {
    id: 50,
    title: 'CPU',
    width: 8,
    height: 8,
    unit: 'percentunit',
    queries: [{ expr: perReplica(`rate(${series(catalog.processCpu)}[$__rate_interval])`), legend: REPLICA }],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Share of one core. JavaScript runs on one: near 100 % the event loop is late and everything waits.',
    empty: 'Empty means not scraped.',
    check:
      'HTTP Requests/s by Route and Samples Collected/s: is it work? If so, add a replica. If not: Garbage Collection, then a CPU profile (`node --cpu-prof`).',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 51,
    title: 'Memory of Replicas',
    width: 8,
    height: 8,
    unit: 'bytes',
    queries: [
      { expr: perReplica(series(catalog.processResidentMemory)), legend: `resident ${REPLICA}` },
      { expr: perReplica(series(catalog.heapUsed)), legend: `heap ${REPLICA}` },
    ],
    thresholds: badAbove(residentMemory.warningBytes, residentMemory.criticalBytes),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'What the process holds, and the part of it that is JavaScript’s heap. A saw-tooth is garbage collection; a staircase over days is a leak.',
    empty: 'Empty means not scraped.',
    check:
      'Heap climbs too: a leak in JavaScript, take a heap snapshot. Only resident climbs: buffers or fragmentation. Restart meanwhile.',
    alerts: ['SeqPulseDown'],
  },
  {
    id: 52,
    title: 'Event-Loop Delay of Replicas',
    width: 8,
    height: 8,
    unit: 's',
    queries: [
      { expr: perReplica(series(catalog.eventLoopDelayP50)), legend: `p50 ${REPLICA}` },
      { expr: perReplica(series(catalog.eventLoopDelayP99)), legend: `p99 ${REPLICA}` },
    ],
    thresholds: badAbove(eventLoopDelayP99.warningSeconds, eventLoopDelayP99.criticalSeconds),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'How late the process runs what is due, since the last scrape. 10 ms is an idle loop. p99 alone: something blocks now and then; both: the CPU is used up.',
    empty: 'Empty means not scraped.',
    check:
      'CPU and Garbage Collection at the same moment. Neither: a neighbour takes the CPU (steal, limits of the container).',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 53,
    title: 'Event-Loop Utilisation',
    width: 8,
    height: 8,
    unit: 'percentunit',
    min: 0,
    max: 1,
    queries: [{ expr: perReplica(series(catalog.eventLoopUtilization)), legend: REPLICA }],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Share of the time in which the event loop had something to do. Over 80 % for long: no room left for a peak, add a replica.',
    empty: 'Empty means not scraped.',
    check: 'The same as CPU; utilisation high and CPU low means that something waits synchronously (disk, DNS).',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 54,
    title: 'Garbage Collection',
    width: 8,
    height: 8,
    unit: 'percentunit',
    queries: [
      {
        expr: `sum by (environment, instance, v8js_gc_type) (rate(${series(catalog.gcDuration, [], '_sum')}[$__rate_interval]))`,
        legend: '{{environment}} {{instance}} {{v8js_gc_type}}',
      },
    ],
    visual: { kind: 'timeseries', draw: 'line', stacked: true, legendCalcs: ['lastNotNull', 'max'] },
    read: 'Share of the time spent collecting garbage, by kind. A few per cent of `minor` are normal; `major` that grows means that the heap is nearly full.',
    empty: 'A process that did nothing has collected nothing yet; otherwise not scraped.',
    check: 'Memory of Replicas: heap near its limit? Then a leak, or `--max-old-space-size` too small.',
    alerts: ['SeqPulseHttpLatencyHigh'],
  },
  {
    id: 55,
    title: 'Open File Descriptors',
    width: 8,
    height: 8,
    unit: 'percentunit',
    queries: [
      {
        expr: perReplica(`${series(catalog.processOpenFds)} / ${series(catalog.processMaxFds)}`),
        legend: REPLICA,
      },
    ],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: 'Open files and sockets as a share of the process’ limit. It follows the connections; a climb without load is a leak of sockets.',
    empty: 'Known on Linux only; otherwise empty means not scraped.',
    check: '`ls -l /proc/<pid>/fd` on the replica: sockets to whom? Raise the limit (`ulimit -n`) only after that.',
    alerts: ['SeqPulseDown'],
  },
  {
    id: 56,
    title: 'Uptime',
    width: 12,
    height: 6,
    unit: 's',
    queries: [{ expr: perReplica(`time() - ${series(catalog.processStartTime)}`), legend: REPLICA }],
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull'] },
    read: 'Time since each replica started. Every fall to zero is a restart: a deployment of SeqPulse, or a crash.',
    empty: 'Empty means not scraped.',
    check:
      'A restart that nobody meant: the last log lines before it, and the container’s exit code (137: out of memory).',
    alerts: ['SeqPulseDown'],
  },
  {
    ...OPERATIONS_PANELS.clockOffset,
    width: 12,
    height: 6,
    unit: 's',
    softMax: 2 * clockOffset.seconds,
    queries: [{ expr: perReplica(series(catalog.clockOffset)), legend: REPLICA }],
    thresholds: limitAt(clockOffset.seconds, 'orange'),
    visual: { kind: 'timeseries', draw: 'line', legendCalcs: ['lastNotNull', 'max'] },
    read: `How far the database’s clock is ahead of the replica’s own; below zero it is behind. A few hundredths are the way to the database and back. The alert looks at ${clockOffset.seconds} s either way, the line stands for both.`,
    empty: 'The database has not answered for three minutes, so nothing is known; otherwise not scraped.',
    check:
      'One replica: its time service (`timedatectl`, `chronyc tracking`). All of them by the same: the database’s machine. A line that climbs evenly: nobody sets that clock.',
    alerts: ['SeqPulseClockOffset'],
  },
];
