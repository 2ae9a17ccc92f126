/**
 * A process beside a run, in a session of its own, which no Ctrl-C reaches: when the run ends, however it ends (kill -9
 * too: that closes the pipe), it ends what belongs to the run's folders and removes them.
 * Arguments: the folder. Standard input: more folders, one a line.
 */
import { createInterface } from 'node:readline';
import { endOwned } from './end-owned.ts';

const folders = process.argv.slice(2);
createInterface({ input: process.stdin })
  .on('line', (folder) => folders.push(folder))
  .on('close', async () => {
    await endOwned(folders);
    process.exit(0);
  });
