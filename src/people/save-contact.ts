import type { Contact, ContactChange, TenantScope } from '../contracts/stores.js';
import { StoreError } from '../contracts/stores.js';

/** Attempts, in case two callers save the same new person at the same moment. */
const TRIES = 3;

/**
 * Creates a contact, or updates the one that already has this number, address or identity. If these belong to
 * several contacts, the number decides, then the address.
 */
export async function saveContact(
  scope: TenantScope,
  change: ContactChange,
  at: Date,
): Promise<{ readonly contact: Contact; readonly isNew: boolean }> {
  for (let tries = 1; ; tries++) {
    try {
      const matches = await scope.contacts.find(change);
      const [existing] = [
        ...matches.filter(({ phone }) => phone !== undefined && phone === change.phone),
        ...matches.filter(({ email }) => email !== undefined && email === change.email),
        ...matches,
      ];
      if (existing === undefined) return { contact: await scope.contacts.create(change, at), isNew: true };
      const tags = change.tags === undefined ? {} : { tags: [...existing.tags, ...change.tags] };
      const contact = await scope.contacts.update(existing.id, { ...withoutNulls(change), ...tags });
      if (contact !== undefined) return { contact, isNew: false };
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'conflict' || tries === TRIES) throw error;
    }
  }
}

/** Saving a known person again clears nothing that is left empty. */
export function withoutNulls(change: ContactChange): ContactChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null));
}
