import pg from 'pg';
import type { SilenceWatch } from './silence-watch.ts';

/** Rejections of a pool while nobody is answered. */
export class SilentDatabaseError extends Error {
  constructor() {
    super('the database does not answer');
  }
}

/**
 * A pool whose waiters are told when the database falls silent, and that lets one at a time try while it is: a queue of
 * those who wait for connections that can't be made would each wait for all before it.
 */
export function createWatchedPool(config: pg.PoolConfig, watch: SilenceWatch): pg.Pool {
  class WatchedPool extends pg.Pool {
    // biome-ignore lint/suspicious/noExplicitAny: pg declares one overload for promises and one for callbacks
    override connect(callback?: any): any {
      const client = this.#connect();
      if (callback === undefined) return client;
      client.then(
        (connected) => callback(undefined, connected, (error?: Error) => connected.release(error)),
        (error: Error) => callback(error, undefined, () => {}),
      );
    }

    async #connect(): Promise<pg.PoolClient> {
      if (watch.silent && this.totalCount > 0) throw new SilentDatabaseError();
      // Nothing to wait for, and so nothing to be told of meanwhile.
      const isAtHand = this.idleCount > 0 && this.waitingCount === 0;
      const connecting = super.connect();
      if (isAtHand) return await connecting;
      return await new Promise((resolve, reject) => {
        let told = false;
        const forget = watch.onSilence(() => {
          told = true;
          forget();
          reject(new SilentDatabaseError());
        });
        connecting.then(
          (client) => {
            forget();
            if (told) client.release();
            else resolve(client);
          },
          (error) => {
            forget();
            reject(error);
          },
        );
      });
    }
  }
  return new WatchedPool(config);
}
