import type { BaselineMode, Project } from '../model/project.ts';
import { toLimits } from './stored-shapes.ts';

export interface ProjectRow {
  id: string;
  name: string;
  envs: string[];
  observation_window_minutes: number;
  finish_deadline_minutes: number;
  baseline: BaselineMode;
  hmac_enabled: boolean;
  limits: unknown;
  created_at: Date;
}

export const SELECT_PROJECT = `
  select p.id, p.name, p.observation_window_minutes, p.finish_deadline_minutes, p.baseline, p.limits, p.created_at,
         p.hmac_secret_encrypted is not null as hmac_enabled,
         array(select e.name from seqpulse.environments e where e.project_id = p.id order by e.name) as envs
  from seqpulse.projects p`;

export function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    envs: row.envs,
    observationWindowMinutes: row.observation_window_minutes,
    finishDeadlineMinutes: row.finish_deadline_minutes,
    baseline: row.baseline,
    hmacEnabled: row.hmac_enabled,
    limits: toLimits(row.limits),
    createdAt: row.created_at,
  };
}
