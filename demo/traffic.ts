import { Agent, request } from 'node:http';

export interface Traffic {
  stop(): void;
}

/**
 * Calls an application at a steady rate, whether it answers or not (open loop: a slow application gets no fewer
 * requests). What was missed because this process was late is caught up.
 */
export function startTraffic(port: number, requestsPerSecond: number): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const startedAtMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * requestsPerSecond);
    for (; sent < due; sent += 1) callOnce(agent, port);
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

function callOnce(agent: Agent, port: number): void {
  const call = request({ agent, host: '127.0.0.1', port, path: '/' }, (response) => response.resume());
  // While the application restarts, its callers get errors: that is what a deployment looks like.
  call.on('error', () => {});
  call.end();
}
