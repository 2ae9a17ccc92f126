import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface GrpcCall {
  /** `/opentelemetry.proto.collector.trace.v1.TraceService/Export` */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The protobuf message. */
  readonly message: Buffer;
}

/**
 * A stand-in for a Collector that speaks gRPC: HTTP/2 without TLS, each message behind five bytes (compressed?, length),
 * the outcome in a trailer. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export async function openGrpcSink(): Promise<
  AsyncDisposable & { readonly address: string; readonly calls: GrpcCall[] }
> {
  const calls: GrpcCall[] = [];
  const sessions = new Set<{ destroy(): void }>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', async (stream, headers) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    calls.push({ path: headers[':path'] ?? '', headers, message: Buffer.concat(chunks).subarray(5) });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
