import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in for GitHub's API: a pull request of a commit, its comments. */
export interface StandInGithub extends AsyncDisposable {
  readonly url: string;
  readonly comments: { id: number; body: string }[];
  /** Answers 403 to every write, as it does to a token without the permission. */
  refuses: boolean;
  readonly asked: string[];
}

export async function startGithub(): Promise<StandInGithub> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const { method = '', url = '' } = request;
      github.asked.push(`${method} ${url}`);
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.headers.authorization !== 'Bearer ghs_token') return answer(401, {});
      if (method === 'GET' && /^\/repos\/o\/r\/commits\/\w+\/pulls$/.test(url)) return answer(200, [{ number: 17 }]);
      const listed = /^\/repos\/o\/r\/issues\/17\/comments(?:\?per_page=100&page=(\d+))?$/.exec(url);
      if (method === 'GET' && listed !== null) {
        const from = (Number(listed[1]) - 1) * 100;
        return answer(200, github.comments.slice(from, from + 100));
      }
      if (github.refuses) return answer(403, { message: 'Resource not accessible by integration' });
      const { body } = JSON.parse(text);
      if (method === 'POST' && listed !== null) {
        github.comments.push({ id: github.comments.length + 1, body });
        return answer(201, {});
      }
      const own = github.comments.find(({ id }) => url === `/repos/o/r/issues/comments/${id}`);
      if (method !== 'PATCH' || own === undefined) return answer(404, {});
      own.body = body;
      return answer(200, {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const github: StandInGithub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments: [],
    refuses: false,
    asked: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return github;
}
