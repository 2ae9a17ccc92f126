import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../client/client.ts';
import { snippetFor } from '../ci/snippets.ts';
import { Misuse } from '../misuse.ts';
import { readSecret, readUrl } from '../settings.ts';
import { FILE_NAME } from '../settings-file.ts';
import type { Context } from './context.ts';

/** Writes the file of settings, makes the project when it is asked to, and shows what goes into this CI. */
export async function init(context: Context): Promise<number> {
  const { settings, around, voice } = context;
  const url = readUrl(settings);
  const env = settings.text('env') ?? 'prod';
  const project = settings.text('project');
  const path = join(around.cwd, FILE_NAME);
  if (project !== null) await makeProject(context, url, project, env);
  if (existsSync(path)) voice.say(`${FILE_NAME} is there already: it is left as it is`);
  else {
    try {
      writeFileSync(path, `${JSON.stringify({ url, env }, null, 2)}\n`, { flag: 'wx' });
    } catch (error) {
      throw new Misuse(`${path} can’t be written: ${error instanceof Error ? error.message : error}.`);
    }
    voice.say(`wrote ${FILE_NAME}; it holds no key and can be committed`);
  }
  const { name, file, text } = snippetFor(around.cwd, env);
  around.stdout.write(
    `For ${name}, in ${file}, with the secret SEQPULSE_API_KEY:\n\n${text}\n\nThen: seqpulse check\n`,
  );
  return 0;
}

async function makeProject(
  { settings, around, voice }: Context,
  url: string,
  name: string,
  env: string,
): Promise<void> {
  const client = createClient({ url, adminToken: readSecret(settings, 'admin-token') });
  const endpoint = settings.text('endpoint');
  const made = await client.createProject({
    name,
    envs: [env],
    ...(endpoint === null ? {} : { metrics_endpoint: endpoint }),
  });
  if (typeof made.message === 'string') voice.loud(made.message);
  around.stdout.write(`SEQPULSE_API_KEY=${made.api_key}\n\nThe key of project ${made.name}, shown this once.\n\n`);
}
