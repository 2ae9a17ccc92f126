/** Refused on a page alone: no answer of the API, so that it needs no code. */
export class PageRefusal extends Error {
  readonly status: number;
  readonly title: string;

  /** `title` without a full stop; `detail`: sentences. */
  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.name = 'PageRefusal';
    this.status = status;
    this.title = title;
  }
}
