import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What goes into a CI: the shortest of its recipe (docs/recipes.md). */
export interface Snippet {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

const KINDS: readonly { readonly sign: string; readonly name: string; readonly file: string; readonly text: string }[] =
  [
    {
      sign: '.gitlab-ci.yml',
      name: 'GitLab CI',
      file: '.gitlab-ci.yml',
      text: 'deploy:\n  script:\n    - seqpulse run --env ENV -- ./deploy.sh',
    },
    {
      sign: '.circleci',
      name: 'CircleCI',
      file: '.circleci/config.yml',
      text: '- run: seqpulse run --env ENV -- ./deploy.sh',
    },
    {
      sign: 'Jenkinsfile',
      name: 'Jenkins',
      file: 'Jenkinsfile',
      text: "sh 'seqpulse run --env ENV -- ./deploy.sh'",
    },
    {
      sign: '.github',
      name: 'GitHub Actions',
      file: '.github/workflows/deploy.yml',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own expressions.
      text: '- uses: OWNER/seqpulse/action@v1\n  with:\n    url: ${{ vars.SEQPULSE_URL }}\n    api-key: ${{ secrets.SEQPULSE_API_KEY }}\n    env: ENV\n    run: ./deploy.sh',
    },
  ];

/** By the files of the repository; GitHub's where nothing tells. */
export function snippetFor(cwd: string, env: string): Snippet {
  const kind = KINDS.find(({ sign }) => existsSync(join(cwd, sign))) ?? KINDS.at(-1);
  if (kind === undefined) throw new Error('no snippet');
  return {
    name: kind.name,
    file: kind.file,
    text: kind.text.replace(/\bENV\b/, /^[\w.-]+$/.test(env) ? env : JSON.stringify(env)),
  };
}
