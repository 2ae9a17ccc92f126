/** Writes docs/cli.md from the table that --help is made of, or with --check says whether it is current. */
import { writeOrCheck } from '../scripts/generated-file.ts';
import { cliPage } from './cli-page.ts';

writeOrCheck('docs/cli.md', cliPage());
