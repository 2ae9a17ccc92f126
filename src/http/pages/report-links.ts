import type { Signer } from '../../data-folder/signer.ts';

/** Who may see a report without signing in: whoever has its signed link, whoever knows its address, nobody. */
export type PublicReports = 'signed' | 'open' | 'off';

export interface ReportLinks {
  /** Where people find this installation, without a last slash; null: it does not know. */
  readonly publicUrl: string | null;
  readonly publicReports: PublicReports;
  /** Days that a signed link is good for. */
  readonly linkDays: number;
  readonly signer: Signer;
}

const DAY_MS = 86_400_000;

export const reportPath = (id: string): string => `/ui/deployments/${id}`;

/**
 * The key of a report's signed link: the day on which it ends, and the signature over both. The same all day, so that an
 * answer that is asked for twice is the same.
 */
export function linkKey(
  { signer, linkDays }: Pick<ReportLinks, 'signer' | 'linkDays'>,
  id: string,
  nowMs: number,
): string {
  const endsOn = Math.floor(nowMs / DAY_MS) + linkDays + 1;
  const day = endsOn.toString(36);
  return `${day}.${signer.sign(`${id} ${day}`)}`;
}

/** `expired`: it was good once. */
export function checkLinkKey(signer: Signer, id: string, key: string, nowMs: number): 'good' | 'expired' | 'forged' {
  const match = /^([0-9a-z]{1,8})\.([\w-]{1,64})$/.exec(key);
  const [, day = '', signature = ''] = match ?? [];
  if (match === null || !signer.verify(`${id} ${day}`, signature)) return 'forged';
  return Number.parseInt(day, 36) * DAY_MS > nowMs ? 'good' : 'expired';
}

/**
 * A report's address for people; null where the installation does not know its own. With the signature for whoever can't
 * sign in: what CI prints, what a message links.
 */
export function reportUrl(links: ReportLinks, id: string, nowMs: number, isForStrangers: boolean): string | null {
  const { publicUrl, publicReports } = links;
  if (publicUrl === null) return null;
  const url = `${publicUrl}${reportPath(id)}`;
  return isForStrangers && publicReports === 'signed' ? `${url}?key=${linkKey(links, id, nowMs)}` : url;
}
