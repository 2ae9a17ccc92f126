import type { Environment } from '../settings.ts';

/** What a CI knows of the run that deploys; null: it does not say. */
export interface CiRun {
  readonly name: 'GitHub Actions' | 'GitLab CI' | 'CircleCI' | 'Jenkins';
  readonly branch: string | null;
  readonly commitSha: string | null;
  readonly commitTime: string | null;
  readonly buildUrl: string | null;
  readonly actor: string | null;
  /** The tag that is built. */
  readonly version: string | null;
  /** One for each attempt of a job. */
  readonly idempotencyKey: string | null;
  /** How the job stands, in the words of finish; null: it does not say, or goes on. */
  readonly result: string | null;
}

/** The CI that this runs in, by the variables that it sets; null: none that is known. */
export function detectCi(env: Environment): CiRun | null {
  const get = (name: string): string | null => env[name]?.trim() || null;
  const key = (...parts: (string | null)[]) => (parts.includes(null) ? null : parts.join('-'));
  if (get('GITHUB_ACTIONS') === 'true') return github(get, key);
  if (get('GITLAB_CI') !== null) {
    return {
      name: 'GitLab CI',
      branch: get('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ?? get('CI_COMMIT_REF_NAME'),
      commitSha: get('CI_COMMIT_SHA'),
      commitTime: get('CI_COMMIT_TIMESTAMP'),
      buildUrl: get('CI_JOB_URL'),
      actor: get('GITLAB_USER_LOGIN'),
      version: get('CI_COMMIT_TAG'),
      // A retried job has an id of its own.
      idempotencyKey: key('gitlab', get('CI_JOB_ID')),
      result: gitlabResult(get('CI_JOB_STATUS')),
    };
  }
  if (get('CIRCLECI') === 'true') {
    return {
      name: 'CircleCI',
      branch: get('CIRCLE_BRANCH'),
      commitSha: get('CIRCLE_SHA1'),
      commitTime: null,
      buildUrl: get('CIRCLE_BUILD_URL'),
      actor: get('CIRCLE_USERNAME'),
      version: get('CIRCLE_TAG'),
      // A workflow that is run again, also "from failed", has an id of its own.
      idempotencyKey: key('circleci', get('CIRCLE_WORKFLOW_ID'), get('CIRCLE_JOB')),
      result: null,
    };
  }
  if (get('JENKINS_URL') !== null && get('BUILD_TAG') !== null) {
    return {
      name: 'Jenkins',
      branch: get('CHANGE_BRANCH') ?? get('BRANCH_NAME') ?? get('GIT_BRANCH'),
      commitSha: get('GIT_COMMIT'),
      commitTime: null,
      buildUrl: get('BUILD_URL'),
      actor: get('BUILD_USER_ID') ?? get('CHANGE_AUTHOR'),
      version: get('TAG_NAME'),
      idempotencyKey: get('BUILD_TAG'),
      result: null,
    };
  }
  return null;
}

function github(get: (name: string) => string | null, key: (...parts: (string | null)[]) => string | null): CiRun {
  const attempt = get('GITHUB_RUN_ATTEMPT') ?? '1';
  const run = [get('GITHUB_SERVER_URL'), get('GITHUB_REPOSITORY'), get('GITHUB_RUN_ID')];
  const [server, repository, id] = run;
  return {
    name: 'GitHub Actions',
    // GITHUB_REF_NAME of a pull request is "17/merge".
    branch: get('GITHUB_HEAD_REF') ?? get('GITHUB_REF_NAME'),
    commitSha: get('GITHUB_SHA'),
    commitTime: null,
    buildUrl: run.includes(null) ? null : `${server}/${repository}/actions/runs/${id}/attempts/${attempt}`,
    actor: get('GITHUB_TRIGGERING_ACTOR') ?? get('GITHUB_ACTOR'),
    version: get('GITHUB_REF_TYPE') === 'tag' ? get('GITHUB_REF_NAME') : null,
    idempotencyKey: key('github', get('GITHUB_RUN_ID'), attempt, get('GITHUB_JOB')),
    result: null,
  };
}

/** CI_JOB_STATUS is "running" until after_script. */
function gitlabResult(status: string | null): string | null {
  return status === 'success' || status === 'failed' || status === 'canceled' ? status : null;
}
