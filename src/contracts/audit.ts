import type { TenantScope } from './stores.js';

export const AUDIT_ACTORS = ['operator', 'key', 'staff', 'person', 'command-line'] as const;

/** Who changed something. */
export interface AuditActor {
  /**
   * `operator` holds the global key, `key` is one of the business, `staff` and `person` (who is not
   * staff) decided in a chat, `command-line` is whoever may run it on the server.
   */
  readonly type: (typeof AUDIT_ACTORS)[number];
  /** Of the key or the contact. */
  readonly id?: string;
}

/** One change: who did what to what. It holds no secrets and nothing that people wrote. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actor: AuditActor;
  /** Part of the house and what was done there, e.g. `settings.change`. */
  readonly action: string;
  /** Ids of what was changed. */
  readonly target?: string;
  /** Names of the fields that were given. */
  readonly fields?: readonly string[];
}

export interface AuditLog {
  /** Never fails: what was done is done. */
  note(scope: TenantScope, entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>;
}
