/** Seconds until a server answers; a machine that runs other tests beside is slow. */
export const START_SECONDS = 45;
/** Free ports that were found may be taken before the server has them. */
const ATTEMPTS = 3;

/** Starts a server on ports that were free a moment ago; looks for others when it does not come up. */
export async function startWithAttempts<Server>(startOnce: () => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
