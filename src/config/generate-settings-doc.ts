/** Writes docs/settings.md from the table of settings, or with --check says whether it is current. */
import { writeOrCheck } from '../../scripts/generated-file.ts';
import { settingsPage } from './settings-page.ts';

writeOrCheck('docs/settings.md', settingsPage());
