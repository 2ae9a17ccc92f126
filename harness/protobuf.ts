/**
 * As much of protobuf's wire format as reading OTLP needs: numbered fields, each a list, as messages repeat them.
 * https://protobuf.dev/programming-guides/encoding
 */
export class Message {
  readonly #fields = new Map<number, (Buffer | bigint)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw new Error('protobuf: ends inside a number');
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const wireType = tag & 7;
      let value: Buffer | bigint;
      if (wireType === 0) value = varint();
      else if (wireType === 1) value = take(8);
      else if (wireType === 2) value = take(Number(varint()));
      else if (wireType === 5) value = take(4);
      else throw new Error(`protobuf: wire type ${wireType}`);
      const field = tag >> 3;
      this.#fields.set(field, [...(this.#fields.get(field) ?? []), value]);
    }
  }

  bytes(field: number): Buffer | undefined {
    return this.#fields.get(field)?.find((value) => Buffer.isBuffer(value));
  }

  text(field: number): string {
    return this.bytes(field)?.toString('utf8') ?? '';
  }

  hex(field: number): string {
    return this.bytes(field)?.toString('hex') ?? '';
  }

  number(field: number): number {
    return Number(this.#fields.get(field)?.find((value) => typeof value === 'bigint') ?? 0n);
  }

  double(field: number): number | undefined {
    return this.bytes(field)?.readDoubleLE();
  }

  messages(field: number): Message[] {
    return (this.#fields.get(field) ?? []).filter((value) => Buffer.isBuffer(value)).map((value) => new Message(value));
  }
}
