/** application/problem+json, RFC 9457. */
export interface ProblemShape {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** A stable upper-case word, such as ENDPOINT_MISMATCH. */
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
