/** `viewer` reads everything and says whether verdicts were right; `admin` may do all. */
export const ROLES = ['admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls as an operator. `id` null: the admin token itself, which belongs to nobody in particular. */
export interface Operator {
  readonly id: string | null;
  readonly name: string;
  readonly role: Role;
}

export const ADMIN: Operator = { id: null, name: 'admin token', role: 'admin' };

/** As it is stored and shown; of the token there is only a digest. */
export interface OperatorRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  /** To the minute; null: never. */
  readonly lastUsedAt: Date | null;
}

/** Who did something. */
export interface Actor {
  readonly kind: 'admin_token' | 'operator' | 'project_key' | 'service';
  readonly id: string | null;
  readonly name: string;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actor: Actor;
  /** Method and template: `PATCH /projects/{id}`. */
  readonly action: string;
  readonly subject: Readonly<Record<string, string>>;
  readonly changes: Readonly<Record<string, unknown>>;
  /** What stood in the fields that were sent, of what was removed in all; without what may be secret or personal. */
  readonly before: Readonly<Record<string, unknown>>;
  /** Of the answer; null: it was never given. */
  readonly status: number | null;
}
