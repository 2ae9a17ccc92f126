import type { AnnouncedDeployment, NewVersion, VersionWatch } from '../model/version-watch.ts';

/**
 * The deployment of CI that a new version belongs to; null: nobody announced it. `announced`: those that run, and those
 * that ended within the half hour before it was first seen, newest first.
 *
 * - one that runs: whatever it says its version is.
 * - one that ended: where it says this version (or its commit), or none (but of that only one version), or one that never
 *   was seen in traffic: then CI calls versions otherwise than the application does.
 */
export function ownerOf(
  announced: readonly AnnouncedDeployment[],
  { version }: NewVersion,
  { serving, sighted, owned }: Pick<VersionWatch, 'serving' | 'sighted' | 'owned'>,
): AnnouncedDeployment | null {
  const isSeen = (name: string) =>
    [...Object.keys(serving), ...Object.keys(sighted)].some((one) => one !== version && isSame(one, name));
  return (
    announced.find((one) => {
      if (one.isRunning || isSame(one.version ?? '', version) || isCommit(one.commitSha, version)) return true;
      const isUnseen = one.version === null || !isSeen(one.version);
      return isUnseen && !isOwnOfAnother(one, version, owned);
    }) ?? null
  );
}

/** It has brought a version already. */
function isOwnOfAnother({ id }: AnnouncedDeployment, version: string, owned: VersionWatch['owned']): boolean {
  return owned !== null && owned.deploymentId === id && owned.version !== version;
}

/** `v1.2.3` is what others call `1.2.3`. */
function isSame(a: string, b: string): boolean {
  const bare = (text: string) => text.replace(/^v(?=\d)/i, '');
  return bare(a) === bare(b);
}

function isCommit(sha: string | null, version: string): boolean {
  return sha !== null && version.length >= 7 && sha.toLowerCase().startsWith(version.toLowerCase());
}
