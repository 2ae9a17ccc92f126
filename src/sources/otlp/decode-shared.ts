import { eachField, type Part, type Reader } from './wire/protobuf-fields.ts';

/** What points of one row share, in the order in which it came. */
export interface Shared {
  readonly edges: (readonly number[])[];
  readonly attributes: Readonly<Record<string, string>>[];
}

export function readEdges(reader: Reader, part: Part): number[] {
  const edges: number[] = [];
  eachField(reader, part, (field) => {
    if (field === 1) readPacked(reader, edges, () => reader.double());
    return field === 1;
  });
  return edges;
}

export function readAttributes(reader: Reader, part: Part): Record<string, string> {
  const texts: string[] = [];
  eachField(reader, part, (field) => {
    if (field === 1) texts.push(reader.string());
    return field === 1;
  });
  const pairs = texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? '']] : []));
  return Object.fromEntries(pairs) as Record<string, string>;
}

export function readPacked(reader: Reader, into: number[], read: () => number): void {
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) into.push(read());
}
