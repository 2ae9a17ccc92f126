import { readFileSync } from 'node:fs';
import { type Check, checked, docker } from './engine.ts';

const MEGABYTE = 1_000_000;
/** What the image may add to its base. */
const MAX_ADDED_BYTES = 45 * MEGABYTE;

/**
 * Builds the image and looks at it: what it adds to its base, whose it runs as, the command line in it.
 *
 * @param buildArguments for `docker build`, such as `--network host`.
 */
export async function checkImage(image: string, buildArguments: readonly string[]): Promise<Check[]> {
  const built = await checked(
    'the image is built',
    async () => {
      await docker(['build', ...buildArguments, '--tag', image, '.']);
      return image;
    },
    () => true,
  );
  if (!built.isRight) return [built];
  const bytesOf = async (name: string) => Number(await docker(['image', 'inspect', '--format', '{{.Size}}', name]));
  const base = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)].at(-1)?.[1] ?? '';
  const readOnly = async (...command: string[]) => await docker(['run', '--rm', '--read-only', image, ...command]);
  return [
    built,
    await checked(
      `what it adds to ${base}, bytes`,
      async () => (await bytesOf(image)) - (await bytesOf(base)),
      (bytes) => bytes > 0 && bytes <= MAX_ADDED_BYTES,
    ),
    await checked(
      'runs as 1000:1000',
      async () => await readOnly('sh', '-c', 'id -u; id -g'),
      (ids) => ids === '1000\n1000',
    ),
    await checked(
      'seqpulse --help, on a root that is read-only',
      async () => (await readOnly('seqpulse', '--help')).split('\n')[0] ?? '',
      (line) => line.startsWith('seqpulse '),
    ),
  ];
}
