/** A Node.js application with prom-client as its README sets it up. PORT. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { collectDefaultMetrics, Histogram, register } = createRequire(import.meta.url)('prom-client');

collectDefaultMetrics();
const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests in seconds',
  labelNames: ['method', 'route', 'status_code'],
});

createServer(async (request, response) => {
  const route = request.url ?? '';
  const end = duration.startTimer({ method: request.method, route });
  const status = route === '/fault' ? 500 : 200;
  response.statusCode = status;
  if (route === '/metrics') {
    response.setHeader('Content-Type', register.contentType);
    response.end(await register.metrics());
  } else {
    response.end('served');
  }
  end({ status_code: status });
}).listen(Number(process.env.PORT), '127.0.0.1');
