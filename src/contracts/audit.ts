import type { TenantScope } from './stores.js';

export const AUDIT_ACTORS = ['operator', 'key', 'staff', 'person', 'command-line'] as const;

/** Who changed something. */
export interface AuditActor {
  /**
   * `operator` holds the global key, `key` is one of the business's keys, `staff` and `person` (anyone else)
   * acted in a chat, `command-line` is whoever may run it on the server.
   */
  readonly type: (typeof AUDIT_ACTORS)[number];
  /** Id of the key or the contact. */
  readonly id?: string;
}

/** One change: who did what to which thing. Contains no secrets and no message texts. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actor: AuditActor;
  /** Area and verb, e.g. `settings.change`. */
  readonly action: string;
  /** Id of what was changed. */
  readonly target?: string;
  /** Names of the fields that were set. */
  readonly fields?: readonly string[];
}

export interface AuditLog {
  /** Never rejects: the change has already happened. */
  note(scope: TenantScope, entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>;
}
