import type { z } from 'zod';
import type { ErrorCode } from '../problems.ts';

/** What the description of the API says of a route beside what the table says. */
export interface Operation {
  /** One line without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** Of a success; 200 by default. */
  readonly status?: 200 | 201 | 204;
  /** What a success answers; where the table has `response`, that. Absent: no content, or text. */
  readonly answer?: z.ZodType;
  /** Of a success that is no JSON. */
  readonly contentType?: string;
  /** Further answers that are no problem documents, by status. */
  readonly otherwise?: Readonly<Record<number, z.ZodType | string>>;
  /** Messages of a protocol with encodings of its own, by their names there: protobuf beside JSON. */
  readonly encodings?: { readonly body: string; readonly error: string };
  /** Errors beyond those that every route of its kind has (errors.ts). */
  readonly refuses?: readonly ErrorCode[];
}

/** By method and path, as in the table: `GET /deployments/{id}`. */
export type Operations = Readonly<Record<string, Operation>>;
