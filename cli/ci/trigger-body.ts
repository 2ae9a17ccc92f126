import type { TriggerBody } from '../../client/types.ts';
import { Misuse } from '../misuse.ts';
import type { Settings } from '../settings.ts';
import type { CiRun } from './ci.ts';

/** Characters that the service takes. */
const MAX_CHARACTERS = 255;

/** What a start says: flags first, else what the CI knows. What a flag says is sent as it is, for the service to check. */
export function triggerBody(
  settings: Settings,
  ci: CiRun | null,
  newKey: () => string,
): TriggerBody & { readonly env: string; readonly idempotency_key: string } {
  const said = {
    branch: settings.text('branch') ?? cut(ci?.branch),
    commit_sha: settings.text('commit') ?? cut(ci?.commitSha),
    commit_time: settings.text('commit-time') ?? instant(ci?.commitTime),
    build_url: settings.text('build-url') ?? webUrl(ci?.buildUrl),
    actor: settings.text('actor') ?? cut(ci?.actor),
    version: settings.text('version') ?? cut(ci?.version),
    service: settings.text('service'),
  };
  return {
    env: settings.text('env') ?? 'prod',
    idempotency_key: settings.text('idempotency-key') ?? cut(ci?.idempotencyKey) ?? newKey(),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
    ...(settings.is('supersede') ? { supersede: true } : {}),
  };
}

/** What a finish says of the traffic; absent where no flag does. */
export function trafficFacts(settings: Settings): object {
  const count = { min: 1, max: 1_000_000, whole: true };
  const before = settings.number('instances-before', count);
  const after = settings.number('instances-after', count);
  if ((before === null) !== (after === null)) throw new Misuse('--instances-before and --instances-after go together.');
  const share = settings.number('traffic-share', { min: 0, max: 1 });
  return {
    ...(before === null || after === null ? {} : { instances: { before, after } }),
    ...(share === null ? {} : { traffic_share: share }),
  };
}

/** Never in the middle of a character, and nothing that the service can't store: what a CI says must not fail a start. */
function cut(text: string | null | undefined): string | null {
  if (text == null) return null;
  const storable = text.replaceAll('\u0000', '').toWellFormed();
  return storable.slice(0, MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, '') || null;
}

function webUrl(url: string | null | undefined): string | null {
  if (url == null || url.length > MAX_CHARACTERS) return null;
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : null;
}

function instant(time: string | null | undefined): string | null {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
