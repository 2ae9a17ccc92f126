import type { MetricName } from '../../src/verdict/types.ts';
import { COLOURS, verdictLooks } from '../kit/colours.ts';
import type { PanelSpec, PanelTexts } from '../kit/panel-spec.ts';
import { MAX_DRAWN, readings } from './sql.ts';

/** Before any deployment: blue. After one: the colour of its verdict, or violet while there is none. */
const LOOKS = [
  { name: '/\\bbefore$/', colour: COLOURS.neutral },
  { name: '/not judged yet$/', colour: COLOURS.second },
  ...verdictLooks,
];

const EMPTY = `No reading of a deployment lies in the range; samples are kept for SEQPULSE_RETENTION_DAYS (90), and of many deployments the newest ${MAX_DRAWN} are drawn. Feed it: trigger and finish a deployment; a longer range.`;

function points(
  metric: MetricName,
  spec: Pick<PanelSpec, 'id' | 'title' | 'unit' | 'width' | 'softMax'> & Pick<PanelTexts, 'read' | 'check'>,
): PanelSpec {
  return {
    height: 8,
    min: 0,
    queries: [{ sql: readings(metric), format: 'time_series' }],
    looks: LOOKS,
    // A narrow one has no room for more than the names.
    visual: { kind: 'timeseries', draw: 'points', legendCalcs: spec.width < 12 ? [] : ['mean', 'max'] },
    empty: EMPTY,
    ...spec,
  };
}

export const numberPanels: readonly PanelSpec[] = [
  points('error_rate', {
    id: 10,
    title: 'Error Rate',
    unit: 'percentunit',
    width: 12,
    softMax: 0.02,
    read: 'Share of failed requests at each reading: blue before a deployment, after it in the colour of its verdict. Points after that lie above the blue ones are what the verdict speaks of.',
    check:
      'The report of the deployment where it begins: its limit and how many samples lie beyond. Then the logs of the application since that time.',
  }),
  points('latency_p95', {
    id: 11,
    title: 'Latency p95',
    unit: 'ms',
    width: 12,
    read: 'The 95th percentile of response times at each reading, before and after. A step at a deployment is the deployment; one between two of them is something else.',
    check:
      'Requests per Second: more traffic makes many applications slower by itself. Then what the deployment changed: queries, calls to others, caches that are cold.',
  }),
  points('requests_per_sec', {
    id: 12,
    title: 'Requests per Second',
    unit: 'reqps',
    width: 8,
    read: 'The traffic that the application answered. It follows the day; a fall right after a deployment means that requests no longer reach it, or that more instances share them.',
    check:
      'Routing, health checks and the load balancer. With more instances, tell it: `instances` in `POST /deployments/finish`.',
  }),
  points('cpu_usage', {
    id: 13,
    title: 'CPU Usage',
    unit: 'percentunit',
    width: 8,
    read: 'Share of its CPU that the application used. It rises with traffic; a rise without is what a verdict asks about.',
    check: 'A profile of before and after. Near 100 % its latency will follow.',
  }),
  points('memory_usage', {
    id: 14,
    title: 'Memory Usage',
    unit: 'percentunit',
    width: 8,
    read: 'Share of its memory that the application used. It falls with every restart and fills up again; a line that rises through a whole window is a leak.',
    check: 'The readings before the next deployment: has it gone on to rise? Then a heap snapshot.',
  }),
];
