import type { Lifecycle, Traffic } from './clients.ts';
import type { StoredDeployment } from './facts.ts';
import type { Probed } from './probe.ts';
import { LIFECYCLE } from './stage.ts';

/** One line of the table: how many were looked at, and what is wrong, a line each. */
export interface Check {
  readonly name: string;
  readonly looked: number;
  readonly wrong: readonly string[];
}

export interface FaultSpan {
  /** The database was away for everybody. */
  readonly away: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

/** Milliseconds after the latest moment: one look for overdue verdicts, and the judging. */
const LOOK_MS = 3_000;
/** Milliseconds until verdicts flow again after a database that was away for everybody. */
const BACK_MS = 15_000;
/** How far a stored time may be from the client's, which runs on the database's machine. */
const NEAR_MS = 3_000;
/** Seconds; the machine runs three replicas, a database and their clients beside. */
const QUICK_SECONDS = 3;

export function checkLifecycles(
  lifecycles: readonly Lifecycle[],
  stored: readonly StoredDeployment[],
  spans: readonly FaultSpan[],
): Check[] {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const acknowledged = lifecycles.filter(({ id }) => id !== null);
  const finished = lifecycles.filter(({ finishedMs }) => finishedMs !== null);
  const rowOf = ({ id }: Lifecycle) => rows.get(id ?? '');
  const check = (name: string, ones: readonly Lifecycle[], wrongOf: (one: Lifecycle) => string | null): Check => ({
    name,
    looked: ones.length,
    wrong: ones.flatMap((one) => {
      const wrong = wrongOf(one);
      return wrong === null ? [] : [`${one.id ?? one.key}: ${wrong}`];
    }),
  });
  const keys = stored.map(({ key }) => key);
  return [
    check('every acknowledged trigger has a row', acknowledged, (one) =>
      rowOf(one)?.key === one.key ? null : 'no row with its key',
    ),
    check('one key, one deployment', lifecycles, ({ key }) =>
      keys.filter((one) => one === key).length <= 1 ? null : 'several rows with its key',
    ),
    check('every finished deployment has one verdict', finished, (one) => {
      const row = rowOf(one);
      return row?.state === 'analyzed' && row.verdicts === 1 ? null : `${row?.state}, ${row?.verdicts} verdicts`;
    }),
    check('what clients saw never changed, no 500', lifecycles, ({ wrong }) =>
      wrong.length === 0 ? null : wrong.join('; '),
    ),
    check('no sample twice', acknowledged, (one) => (rowOf(one)?.twice ? `${rowOf(one)?.twice} samples twice` : null)),
    check('no job lost', finished, (one) => wrongJobs(rowOf(one))),
    check('verdicts in time', finished, (one) => wrongTime(rowOf(one), spans)),
    check('times follow the database', acknowledged, (one) => wrongStart(one, rowOf(one))),
  ];
}

/** Of every reading it is known what became of it, and nothing waits for what is judged. */
function wrongJobs(row: StoredDeployment | undefined): string | null {
  if (row === undefined) return 'no row';
  if (row.jobsLeft > 0) return `${row.jobsLeft} jobs left`;
  const settled = row.postStored + row.postGivenUp;
  // Judged at the latest moment: what was not known by then does not count any more.
  const atLatest = row.analyzedMs !== null && row.windowEndsMs !== null && row.analyzedMs >= latestMs(row.windowEndsMs);
  return settled === row.postExpected || (atLatest && settled < (row.postExpected ?? 0))
    ? null
    : `${row.postStored} stored and ${row.postGivenUp} given up of ${row.postExpected}`;
}

const latestMs = (windowEndsMs: number) => windowEndsMs + (LIFECYCLE.retrySeconds + LIFECYCLE.graceSeconds) * 1000;

function wrongTime(row: StoredDeployment | undefined, spans: readonly FaultSpan[]): string | null {
  if (row?.windowEndsMs == null || row.analyzedMs == null) return 'no verdict';
  if (row.analyzedMs < row.windowEndsMs) return 'judged before the end of its window';
  let allowedMs = latestMs(row.windowEndsMs) + LOOK_MS;
  for (const { away, startMs, endMs } of spans) {
    if (away && startMs <= allowedMs && allowedMs <= endMs + BACK_MS) allowedMs = endMs + BACK_MS;
  }
  const lateMs = row.analyzedMs - allowedMs;
  return lateMs <= 0 ? null : `${(lateMs / 1000).toFixed(1)} s later than promised`;
}

function wrongStart({ triggerSentMs, triggeredMs }: Lifecycle, row: StoredDeployment | undefined): string | null {
  if (row === undefined || triggerSentMs === null || triggeredMs === null) return null;
  const isNear = row.startedMs >= triggerSentMs - NEAR_MS && row.startedMs <= triggeredMs + NEAR_MS;
  return isNear ? null : `started ${((row.startedMs - triggerSentMs) / 1000).toFixed(1)} s after it was sent`;
}

export function checkProbed({ seconds }: Probed): Check[] {
  return Object.entries(seconds).map(([path, all]) => ({
    name: `${path} within ${QUICK_SECONDS} s (most ${Math.max(0, ...all).toFixed(2)} s)`,
    looked: all.length,
    wrong: all.filter((one) => one > QUICK_SECONDS).map((one) => `${one.toFixed(1)} s`),
  }));
}

/**
 * Counters against rows.
 *
 * @param announced deployments whose verdict a process has logged, once for each time.
 * @param counted what the processes that are up have logged, and what their counters say.
 */
export function checkCounters(
  announced: readonly string[],
  counted: readonly { readonly name: string; readonly logged: number; readonly counter: number }[],
  stored: readonly StoredDeployment[],
): Check[] {
  const judged = new Set(stored.filter(({ verdicts }) => verdicts > 0).map(({ id }) => id));
  return [
    {
      name: 'no verdict announced twice, none without a row',
      looked: announced.length,
      wrong: [
        ...announced.filter((id, index) => announced.indexOf(id) !== index).map((id) => `${id}: announced again`),
        ...announced.filter((id) => !judged.has(id)).map((id) => `${id}: announced without a row`),
      ],
    },
    {
      name: 'counters say what was announced',
      looked: counted.length,
      wrong: counted
        .filter(({ logged, counter }) => logged !== counter)
        .map(({ name, logged, counter }) => `${name}: counter ${counter}, announced ${logged}`),
    },
  ];
}

export function describeTraffic({ statuses, triggerSeconds }: Traffic): string {
  const sorted = [...triggerSeconds].sort((a, b) => a - b);
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  const counts = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status || 'no answer'}`);
  return `answers: ${counts.join(', ')}; trigger until acknowledged, retries included: p95 ${p95.toFixed(1)} s`;
}
