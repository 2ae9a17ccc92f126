import type { HealthProbe } from '../health/probe.ts';
import type { LifecycleDeps } from '../lifecycle/deps.ts';
import type { DeploymentView } from '../model/deployment.ts';
import type { ChannelDeps } from '../notify/deps.ts';
import type { OperatorsDeps } from '../operators/operators.ts';
import type { ProjectDeps } from '../projects/deps.ts';
import type { Accepted } from '../sources/otlp/accept.ts';
import type { Encoding } from '../sources/otlp/wire/answers.ts';
import type { TrustedProxies } from './client-address.ts';
import type { PageDeps } from './pages/deps.ts';
import type { WaitingRoom } from './waiting.ts';

export interface Scrape {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What takes pushed measurements in. */
export interface OtlpIntake {
  /** Points a minute for each key; 0 = no limit. */
  readonly pointsPerMinute: number;
  /** Throws UnreadableBody; rejects as the database does. */
  takeIn(request: {
    readonly projectId: string;
    readonly encoding: Encoding;
    readonly bytes: Uint8Array;
  }): Promise<Accepted>;
}

export interface HttpDeps {
  readonly lifecycle: LifecycleDeps;
  readonly projects: ProjectDeps;
  readonly notifications: ChannelDeps;
  readonly otlp: OtlpIntake;
  readonly health: HealthProbe;
  readonly scrape: () => Promise<Scrape>;
  /** The description of the API, as JSON. */
  readonly openApi: () => string;
  readonly operators: OperatorsDeps;
  /** Requests a minute for each key and route; 0 = no limit. */
  readonly rateLimitPerMinute: number;
  readonly proxies: TrustedProxies;
  readonly waiting: WaitingRoom<DeploymentView>;
  readonly pages: PageDeps;
  /** By the SHA-256 of the API key; many that ask at once are one statement. null: unknown or expired. */
  readonly findKeyOwner: (keySha256: Buffer) => Promise<string | null>;
  /** Many that ask at once are one statement. null: it is gone. */
  readonly findDeployment: (id: string) => Promise<DeploymentView | null>;
  /** What was found for many who waited, as it goes out: written once for all of them. */
  readonly written: WeakMap<DeploymentView, string>;
}
