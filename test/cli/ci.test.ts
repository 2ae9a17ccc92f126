import { describe, expect, it } from 'vitest';
import { detectCi } from '../../cli/ci/ci.ts';

const GITHUB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_REPOSITORY: 'shop/checkout',
  GITHUB_RUN_ID: '811',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'deploy',
  GITHUB_REF_NAME: 'main',
  GITHUB_SHA: 'c0ffee',
  GITHUB_ACTOR: 'pusher',
};
const GITLAB = {
  GITLAB_CI: 'true',
  CI_COMMIT_REF_NAME: 'main',
  CI_COMMIT_SHA: 'c0ffee',
  CI_JOB_URL: 'https://gitlab.example/jobs/7',
  GITLAB_USER_LOGIN: 'pusher',
  CI_JOB_ID: '7',
};
const CIRCLECI = {
  CIRCLECI: 'true',
  CIRCLE_BRANCH: 'main',
  CIRCLE_SHA1: 'c0ffee',
  CIRCLE_BUILD_URL: 'https://circleci.example/9',
  CIRCLE_USERNAME: 'pusher',
  CIRCLE_WORKFLOW_ID: 'w-1',
  CIRCLE_JOB: 'deploy',
};
const JENKINS = {
  JENKINS_URL: 'https://jenkins.example',
  BUILD_TAG: 'jenkins-shop-4',
  GIT_BRANCH: 'main',
  GIT_COMMIT: 'c0ffee',
  BUILD_URL: 'https://jenkins.example/4',
  BUILD_USER_ID: 'pusher',
};

describe('what a CI fills in', () => {
  it.each([
    [
      'GitHub Actions',
      GITHUB,
      'https://github.example/shop/checkout/actions/runs/811/attempts/2',
      'github-811-2-deploy',
    ],
    ['GitLab CI', GITLAB, 'https://gitlab.example/jobs/7', 'gitlab-7'],
    ['CircleCI', CIRCLECI, 'https://circleci.example/9', 'circleci-w-1-deploy'],
    ['Jenkins', JENKINS, 'https://jenkins.example/4', 'jenkins-shop-4'],
  ])('%s: branch, commit, build, actor and a key', (name, env, buildUrl, idempotencyKey) => {
    const expected = { name, branch: 'main', commitSha: 'c0ffee', actor: 'pusher', buildUrl, idempotencyKey };
    expect(detectCi(env)).toMatchObject(expected);
  });

  it.each([
    ['GitHub Actions', GITHUB, { GITHUB_RUN_ATTEMPT: '3' }],
    ['GitLab CI', GITLAB, { CI_JOB_ID: '8' }],
    ['CircleCI', CIRCLECI, { CIRCLE_WORKFLOW_ID: 'w-2' }],
    ['Jenkins', JENKINS, { BUILD_TAG: 'jenkins-shop-5' }],
  ])('%s: another attempt has another key', (_name, env, again) => {
    expect(detectCi({ ...env, ...again })?.idempotencyKey).not.toBe(detectCi(env)?.idempotencyKey);
  });

  it('half a key is none, and no CI is none', () => {
    expect(detectCi({ ...CIRCLECI, CIRCLE_JOB: ' ' })?.idempotencyKey).toBeNull();
    expect(detectCi({ CI: 'true' })).toBeNull();
  });
});
