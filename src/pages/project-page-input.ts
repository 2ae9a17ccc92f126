import type { Report } from '../report/report.ts';
import type { MetricName } from '../verdict/types.ts';
import type { ChannelSummary } from './channel-state.ts';

interface ProjectFilter {
  readonly env: string;
  readonly verdict: string | null;
  readonly metric: MetricName | null;
}

export interface ProjectPageInput {
  readonly project: { readonly id: string; readonly name: string; readonly envs: readonly string[] };
  readonly filter: ProjectFilter;
  /** How the environment stands, since which deployment. */
  readonly level: {
    readonly isBad: boolean;
    readonly since: { readonly id: string; readonly number: number; readonly atMs: number } | null;
    /** In a bad state, what the next deployment is compared with: `the last good baseline, 15 readings until 09:39`. */
    readonly comparedWith: string | null;
  };
  /** Its newest deployments, oldest first, whatever the filter. */
  readonly recent: readonly Report[];
  /** Those of the list, newest first. */
  readonly listed: readonly Report[];
  readonly olderHref: string | null;
  /** Not the newest: the list begins further down. */
  readonly newestHref: string | null;
  readonly settings: readonly { readonly name: string; readonly value: string; readonly isBad?: boolean }[];
  /** Whether the alarms are right, as sentences. */
  readonly precision: string;
  /** What an A/A check said, or the way to one; null: nothing is kept between deployments. */
  readonly quiet: { readonly text: string; readonly href: string | null } | null;
  /** Its own notifications, and how many of the installation tell of it too. */
  readonly told: { readonly channels: readonly ChannelSummary[]; readonly ofAll: number };
  readonly nowMs: number;
  readonly stylesheet: string;
}
