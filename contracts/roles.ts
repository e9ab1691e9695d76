import { z } from 'zod';

/** Who a key is for; what each may do is in `SCOPES_OF_ROLE`. */
export const ROLES = ['student', 'lecturer', 'operator', 'admin'] as const;
export const RoleSchema = z.enum(ROLES);
export type Role = z.infer<typeof RoleSchema>;

/**
 * What a route may ask of a key, one scope a route:
 * `read`: search, ask, lectures with transcripts and media. `write`: ingest, edit, name speakers, delete lectures.
 * `jobs`: see, cancel and retry ingests. `operate`: schedules and work on the whole tenant that changes no content.
 * `administer`: keys, settings, export, erasure.
 */
export const SCOPES = ['read', 'write', 'jobs', 'operate', 'administer'] as const;
export const ScopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof ScopeSchema>;

export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  student: ['read'],
  lecturer: ['read', 'write', 'jobs'],
  operator: ['read', 'jobs', 'operate'],
  admin: SCOPES,
};

/** Who asks: the key of a request. `scopes` are those of the role, or fewer where the key was made for less. */
export interface Principal {
  /** Names the key, opens nothing: fit for logs and for the author of a revision. */
  keyId: string;
  name: string;
  role: Role;
  scopes: readonly Scope[];
}

/** The roles that have a scope, for people to read: `lecturer or admin`. */
export function describeRolesWith(scope: Scope): string {
  return ROLES.filter((role) => SCOPES_OF_ROLE[role].includes(scope)).join(' or ');
}
