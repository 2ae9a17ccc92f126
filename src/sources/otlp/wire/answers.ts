import protobuf from 'protobufjs/minimal.js';

export type Encoding = 'protobuf' | 'json';

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

export interface PartialSuccess {
  readonly rejectedPoints: number;
  /** For people; empty: nothing to say. */
  readonly message: string;
}

/** An ExportMetricsServiceResponse; the partial success is only there where there is something to say. */
export function encodeSuccess(encoding: Encoding, { rejectedPoints, message }: PartialSuccess): Buffer {
  const isWhole = rejectedPoints === 0 && message === '';
  if (encoding === 'json') {
    const partialSuccess = { rejectedDataPoints: String(rejectedPoints), errorMessage: message };
    return Buffer.from(JSON.stringify(isWhole ? {} : { partialSuccess }));
  }
  if (isWhole) return Buffer.alloc(0);
  const writer = protobuf.Writer.create();
  writer.uint32((1 << 3) | 2).fork();
  writer.uint32(1 << 3).int64(rejectedPoints);
  writer.uint32((2 << 3) | 2).string(message);
  return Buffer.from(writer.ldelim().finish());
}

/** A google.rpc.Status, as OTLP wants errors. `code`: of gRPC, not of HTTP. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = protobuf.Writer.create();
  writer.uint32(1 << 3).int32(code);
  writer.uint32((2 << 3) | 2).string(message);
  return Buffer.from(writer.finish());
}
