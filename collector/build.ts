/**
 * `npm run collector:build`: builds the Collector of collector/builder.yaml with the Collector's own builder, into
 * .cache/collector. Needs Go; cold it takes minutes, later no time: it is built again only when builder.yaml changes.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { beginOwning } from '../harness/ownership/run-owning.ts';
import { BUILDER_FILE, collectorBuildFolder, collectorProgramPath } from './program.ts';

/** What the modules in builder.yaml ask for; with Go 1.21 or later Go fetches a newer one by itself. */
const GO_NEEDED = '1.25';

async function main(): Promise<number> {
  const program = collectorProgramPath();
  if (existsSync(program)) {
    console.log(`The Collector is built: ${program}`);
    return 0;
  }
  if (spawnSync('go', ['version']).status !== 0) {
    console.error(`The Collector is built with Go (${GO_NEEDED} or later), and there is no go on PATH.`);
    return 1;
  }
  const builder = parse(readFileSync(BUILDER_FILE, 'utf8')) as { dist: { version: string; output_path?: string } };
  // Beside the place it is for, and moved there at the end: a build that was interrupted leaves no half program.
  const work = `${collectorBuildFolder()}.${process.pid}`;
  const run = beginOwning('collector-build');
  run.alsoOwn(work);
  mkdirSync(work, { recursive: true });
  try {
    builder.dist.output_path = work;
    const file = join(work, 'builder.yaml');
    writeFileSync(file, stringify(builder));
    const tool = `go.opentelemetry.io/collector/cmd/builder@v${builder.dist.version}`;
    console.log(`Building the Collector with ${tool}: minutes the first time.`);
    const started = performance.now();
    const go = spawn('go', ['run', tool, `--config=${file}`], {
      cwd: work,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Outside of a checkout there is no version to stamp, and inside one Go would look for it in ours.
      env: { ...process.env, GOFLAGS: `${process.env.GOFLAGS ?? ''} -buildvcs=false`.trim(), CGO_ENABLED: '0' },
    });
    const [status] = await once(go, 'exit');
    if (status !== 0) return 1;
    execFileSync(join(work, 'seqpulse-otelcol'), ['--version'], { stdio: 'inherit' });
    rmSync(collectorBuildFolder(), { recursive: true, force: true });
    renameSync(work, collectorBuildFolder());
    console.log(`Built in ${Math.round((performance.now() - started) / 1000)} s: ${program}`);
    return 0;
  } finally {
    await run.end();
  }
}

process.exitCode = await main();
