import { readFileSync } from 'node:fs';
import type { Environment } from '../cli/settings.ts';

/** Milliseconds; a comment holds no job up. */
const TIMEOUT_MS = 10_000;
const PAGE = 100;
const MAX_PAGES = 10;

/** Where GitHub's API is and who asks. */
export interface GithubApi {
  readonly url: string;
  readonly repository: string;
  readonly token: string;
}

/** null where the runner does not say, or there is no token. */
export function githubApi(env: Environment, token: string): GithubApi | null {
  const { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository } = env;
  return url && repository && token !== '' ? { url, repository, token } : null;
}

/**
 * The pull request that a run is for: the event's, else the one that its commit came with. null: none. Rejects when GitHub
 * can't be asked.
 */
export async function findPullRequest(api: GithubApi, env: Environment): Promise<number | null> {
  const event = readEvent(env.GITHUB_EVENT_PATH);
  const named =
    event.pull_request?.number ?? (event.issue?.pull_request === undefined ? undefined : event.issue.number);
  if (typeof named === 'number') return named;
  if (!env.GITHUB_SHA) return null;
  const pulls = await ask(api, 'GET', `/commits/${encodeURIComponent(env.GITHUB_SHA)}/pulls`);
  const [newest] = Array.isArray(pulls) ? pulls : [];
  return typeof newest?.number === 'number' ? newest.number : null;
}

/**
 * Writes the one comment that begins with `mark`: changes it where it is, else adds it, unless `mayAdd` is false. What it
 * did. Rejects when GitHub refuses.
 */
export async function keepComment(
  api: GithubApi,
  pullRequest: number,
  comment: { readonly mark: string; readonly body: string; readonly mayAdd: boolean },
): Promise<'added' | 'changed' | 'none'> {
  const body = { body: `${comment.mark}\n${comment.body}` };
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const listed = await ask(api, 'GET', `/issues/${pullRequest}/comments?per_page=${PAGE}&page=${page}`);
    const comments: { id: number; body?: string }[] = Array.isArray(listed) ? listed : [];
    const own = comments.find((one) => one.body?.startsWith(comment.mark));
    if (own !== undefined) {
      await ask(api, 'PATCH', `/issues/comments/${own.id}`, body);
      return 'changed';
    }
    if (comments.length < PAGE) break;
  }
  if (!comment.mayAdd) return 'none';
  await ask(api, 'POST', `/issues/${pullRequest}/comments`, body);
  return 'added';
}

// biome-ignore lint/suspicious/noExplicitAny: GitHub's shapes, of which two fields are read.
async function ask(api: GithubApi, method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${api.url}/repos/${api.repository}${path}`, {
    method,
    headers: {
      Accept: 'application/vnd.github+json',
      Authorization: `Bearer ${api.token}`,
      'X-GitHub-Api-Version': '2022-11-28',
      'User-Agent': 'seqpulse-action',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const hint = response.status === 403 || response.status === 404 ? ' (the job needs `pull-requests: write`)' : '';
  throw new Error(`GitHub answered ${response.status} to ${method} ${path}${hint}`);
}

// biome-ignore lint/suspicious/noExplicitAny: GitHub's event, of which two fields are read.
function readEvent(path: string | undefined): any {
  try {
    return JSON.parse(readFileSync(path ?? '', 'utf8'));
  } catch {
    return {};
  }
}
