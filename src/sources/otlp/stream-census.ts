/** How many streams each project sends, as this process sees them. */
export interface StreamCensus {
  /** Whether a stream is one of the project's, or may become one: false beyond the limit. */
  admit(projectId: string, stream: number, nowMs: number): boolean;
}

/** Milliseconds without a point after which a stream is none any more, at the least; twice that at the most. */
const GENERATION_MS = 1_800_000;
/** Of all projects together: some 40 MB. */
const MAX_REMEMBERED = 1_000_000;

interface Known {
  recent: Set<number>;
  earlier: Set<number>;
  sinceMs: number;
}

/**
 * Counts by two generations: what was not met in the last whole one is forgotten. Limits are per process, like those of
 * requests; behind a balancer every replica soon meets all streams.
 */
export function createStreamCensus(mostPerProject: number): StreamCensus {
  const projects = new Map<string, Known>();
  let remembered = 0;

  function turn(known: Known, nowMs: number): void {
    if (nowMs - known.sinceMs < GENERATION_MS) return;
    remembered -= known.earlier.size;
    known.earlier = known.recent;
    known.recent = new Set();
    known.sinceMs = nowMs;
  }

  function forgetQuiet(nowMs: number): void {
    for (const [projectId, known] of projects) {
      turn(known, nowMs);
      if (known.recent.size + known.earlier.size === 0) projects.delete(projectId);
    }
  }

  return {
    admit(projectId, stream, nowMs) {
      const known = projects.get(projectId) ?? { recent: new Set(), earlier: new Set(), sinceMs: nowMs };
      projects.set(projectId, known);
      turn(known, nowMs);
      if (known.recent.has(stream)) return true;
      if (known.earlier.delete(stream)) {
        known.recent.add(stream);
        return true;
      }
      if (known.recent.size + known.earlier.size >= mostPerProject) return false;
      if (remembered >= MAX_REMEMBERED) forgetQuiet(nowMs);
      if (remembered >= MAX_REMEMBERED) return false;
      remembered += 1;
      known.recent.add(stream);
      return true;
    },
  };
}
