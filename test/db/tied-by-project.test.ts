import { describe, expect, test } from 'vitest';
import { tiedByProject } from '../../src/db/shards/tied-by-project.ts';

describe('rows are tied to their deployment by its project as well', () => {
  test.each([
    [
      'a child to its deployment',
      'select from seqpulse.deployments d left join seqpulse.verdicts v on v.deployment_id = d.id where d.id = $1',
      'select from seqpulse.deployments d left join seqpulse.verdicts v on v.deployment_id = d.id and v.project_id = d.project_id where d.id = $1',
    ],
    [
      'a deployment to its child',
      'from seqpulse.samples as s join seqpulse.deployments d on d.id = s.deployment_id',
      'from seqpulse.samples as s join seqpulse.deployments d on d.id = s.deployment_id and d.project_id = s.project_id',
    ],
    [
      'a child to another',
      'from seqpulse.verdict_feedback f join seqpulse.verdicts v on v.deployment_id = f.deployment_id',
      'from seqpulse.verdict_feedback f join seqpulse.verdicts v on v.deployment_id = f.deployment_id and v.project_id = f.project_id',
    ],
    [
      'what is changed',
      'update seqpulse.deployments d set x = exists (select from seqpulse.samples s where s.deployment_id = d.id)',
      'update seqpulse.deployments d set x = exists (select from seqpulse.samples s where s.deployment_id = d.id and s.project_id = d.project_id)',
    ],
  ])('%s', (_, statement, tied) => {
    expect(tiedByProject(statement)).toBe(tied);
  });

  test.each([
    ['what is no table', 'from seqpulse.deployments d join new on new.deployment_id = d.id'],
    [
      'a table that is not distributed',
      'from seqpulse.job_failures f join seqpulse.deployments d on d.id = f.deployment_id',
    ],
    ['a parameter', 'from seqpulse.deployments d where d.id = $1'],
  ])('but not %s', (_, statement) => {
    expect(tiedByProject(statement)).toBe(statement);
  });
});
