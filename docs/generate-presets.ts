/** Writes docs/presets.md and its French twin from the presets themselves, or with --check says whether they are current. */
import { writeOrCheck } from '../scripts/generated-file.ts';
import { presetsPage } from './presets-page.ts';

writeOrCheck('docs/presets.md', presetsPage('en'));
writeOrCheck('docs/presets.fr.md', presetsPage('fr'));
