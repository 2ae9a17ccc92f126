import type { Origin } from '../../src/model/deployment.ts';

/** Of a trigger that says nothing of where it comes from. */
export const NO_ORIGIN: Origin = {
  branch: null,
  version: null,
  commitSha: null,
  commitTime: null,
  buildUrl: null,
  actor: null,
  service: null,
};
