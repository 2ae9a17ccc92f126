/**
 * `npm run compose:check`: builds the image, brings compose.yaml up with it, and beside a service on the host
 * compose.watch.yaml; a deployment goes through the stack, which is restarted and stopped. By hand: it needs a Docker engine
 * with Compose ≥ 2.24. It takes whatever images the engine has or can get; services whose image is not to be had are
 * named and left out. `-- --build-argument --network=host` goes to `docker build`.
 */
import { parseArgs } from 'node:util';
import { runOwning } from '../../../harness/ownership/run-owning.ts';
import { readCompose } from '../support.ts';
import { docker, hasImage } from './engine.ts';
import { checkImage } from './image.ts';
import { checkStack } from './stack.ts';
import { checkWatch } from './watch.ts';

/** Without these there is nothing to look at. */
const NEEDED = ['postgres', 'seqpulse', 'grafana-role'];

const { values } = parseArgs({ options: { 'build-argument': { type: 'string', multiple: true, default: [] } } });

await runOwning('compose-check', async ({ folder }) => {
  console.log(
    `Docker ${await docker(['version', '--format', '{{.Server.Version}}'])}, Compose ${await docker(['compose', 'version', '--short'])}`,
  );
  const file = readCompose('compose.yaml');
  const image = file.services.seqpulse?.image ?? '';
  const checks = await checkImage(image, values['build-argument']);
  if (checks.some(({ isRight }) => !isRight)) return 1;

  const had: string[] = [];
  for (const [name, service] of Object.entries(file.services)) {
    if (service.profiles !== undefined) continue;
    if (await hasImage(service.image ?? '')) had.push(name);
    else console.log(`  left out  ${name}: ${service.image} is not to be had`);
  }
  const missing = NEEDED.filter((name) => !had.includes(name));
  if (missing.length > 0) {
    console.log(`  WRONG  nothing runs without ${missing.join(', ')}`);
    return 1;
  }
  const inStack = await checkStack(folder, had);
  const watchers = Object.keys(readCompose('compose.watch.yaml').services).filter((name) => had.includes(name));
  const inWatch = watchers.includes('prometheus') ? await checkWatch(folder, watchers) : [];
  return [...inStack, ...inWatch].some(({ isRight }) => !isRight) ? 1 : 0;
});
