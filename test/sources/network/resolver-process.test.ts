import { spawn, spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../../harness/until.ts';
import { startResolverProcess } from '../../../src/sources/network/names/resolver-process.ts';

/** A label of 64 characters is refused by the system itself: no name server is asked. */
const IMPOSSIBLE = `${'a'.repeat(64)}.example`;
const kills: (() => void)[] = [];
afterEach(() => {
  for (const kill of kills.splice(0)) kill();
});

async function started(execPath?: string) {
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const resolver = startResolverProcess(
    {
      onReady: ready.resolve,
      onEnd: (reason) => {
        ended.resolve(reason);
        ready.resolve();
      },
    },
    execPath,
  );
  kills.push(resolver.kill);
  await ready.promise;
  return { ...resolver, ended: ended.promise };
}

const running = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('resolves what this process resolves to the same, in the same order', async () => {
  const resolver = await started();
  for (const name of ['localhost', hostname(), 'ip6-localhost', IMPOSSIBLE, 'localhost.', '127.1']) {
    const here = await lookup(name, { all: true }).then(
      (found) => found.map(({ address }) => address),
      (error: NodeJS.ErrnoException) => error.code,
    );
    const there = await resolver.lookUp(name).catch(({ code, syscall }: NodeJS.ErrnoException) => {
      expect(syscall).toBe('getaddrinfo');
      return code;
    });
    expect({ [name]: there }).toEqual({ [name]: here });
  }
});

test('answers very many look-ups at once', async () => {
  const resolver = await started();
  const found = await Promise.all(Array.from({ length: 2_000 }, () => resolver.lookUp('localhost')));
  expect(new Set(found.map(String))).toEqual(new Set([String(found[0])]));
});

test('that is killed rejects what is under way and what comes after', async () => {
  const resolver = await started();
  const underWay = resolver.lookUp('localhost');
  resolver.kill();
  await expect(underWay).rejects.toMatchObject({ name: 'ResolverLostError' });
  expect(await resolver.ended).toBe('ended with SIGKILL');
  await expect(resolver.lookUp('localhost')).rejects.toMatchObject({ name: 'ResolverLostError' });
});

test('that cannot be started says so, and takes nobody down', async () => {
  const resolver = await started('/nowhere/node');
  expect(await resolver.ended).toMatch(/ENOENT/);
  await expect(resolver.lookUp('localhost')).rejects.toMatchObject({ name: 'ResolverLostError' });
});

const ENVIRONMENT = {
  PATH: process.env.PATH,
  // Handed on: a look-up of a silent name server then takes minutes.
  RES_OPTIONS: 'timeout:30 attempts:5',
  // What a resolver must not be handed.
  SEQPULSE_ADMIN_TOKEN: 'secret',
  DATABASE_URL: 'secret',
};
const MODULE = new URL('../../../src/sources/network/names/resolver-process.ts', import.meta.url).href;
/** A parent that starts a resolver and tells its process id. */
const PARENT = `
  import { readFileSync } from 'node:fs';
  import { startResolverProcess } from ${JSON.stringify(MODULE)};
  const resolver = startResolverProcess({
    onReady: async () => {
      await globalThis.whenReady?.(resolver);
      process.stdout.write(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8') + '\\n');
    },
    onEnd: () => {},
  });
  setInterval(() => {}, 1_000);`;
/** The same with a look-up under way: it has a silent name server in a network of its own. */
const PARENT_OF_HANGING = `
  import { createSocket } from 'node:dgram';
  import { once } from 'node:events';
  const silent = createSocket('udp4');
  globalThis.whenReady = async (resolver) => {
    const asked = once(silent, 'message');
    resolver.lookUp('shop.example').catch(() => {});
    await asked;
  };
  await new Promise((resolve) => silent.bind(53, '127.0.0.1', resolve));
  ${PARENT}`;
const OWN_NETWORK = ['--mount', '--net', 'sh', '-c'];
const INSIDE = `ip link set lo up && echo 'nameserver 127.0.0.1' > "$0" && mount --bind "$0" /etc/resolv.conf && exec "$@"`;
const canHaveOwnNetwork = spawnSync('unshare', [...OWN_NETWORK, 'ip link set lo up']).status === 0;

async function parentOfResolver(command: readonly string[], program: string) {
  const [file = '', ...rest] = [...command, process.execPath, '--input-type=module', '-e', program];
  const parent = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: ENVIRONMENT });
  kills.push(() => parent.kill('SIGKILL'));
  const pid = Number(String(await once(parent.stdout, 'data')).trim());
  expect(running(pid)).toBe(true);
  return { parent, pid };
}

const onLinux = process.platform === 'linux';

test.runIf(onLinux)('ends with its parent, also when that is killed without a word', async () => {
  const { parent, pid } = await parentOfResolver([], PARENT);
  parent.kill('SIGKILL');
  await until('the resolver has ended', 20, () => !running(pid));
});

test.runIf(onLinux && canHaveOwnNetwork)(
  'ends with its parent while a look-up hangs, which nothing can cancel',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'seqpulse-resolver-'));
    const command = ['unshare', ...OWN_NETWORK, INSIDE, join(folder.path, 'resolv.conf')];
    const { parent, pid } = await parentOfResolver(command, PARENT_OF_HANGING);
    parent.kill('SIGKILL');
    await until('the resolver has ended', 20, () => !running(pid));
  },
);

test.runIf(onLinux)('is told no secret, and leaves Ctrl-C and SIGTERM to its parent', async () => {
  const { pid } = await parentOfResolver([], PARENT);
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  expect(environment).toContain('RES_OPTIONS=timeout:30');
  expect(environment).not.toContain('secret');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
  const isTaken = () => /SigPnd:\s+0+\nShdPnd:\s+0+/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  await until('its signals are taken', 20, isTaken);
  expect(running(pid)).toBe(true);
});
