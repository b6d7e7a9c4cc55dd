import type { Contact, ContactField, TenantScope } from '../../contracts/stores.js';

/** What to do when a contact's score starts to match. */
export interface ScoreRule {
  /** The prediction to match. */
  readonly is?: string;
  /** For numbers and probabilities. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly tag?: string;
  /** Name of a sequence to enrol the contact in. */
  readonly sequence?: string;
  readonly tellStaff?: boolean;
}

export interface RuleDependencies {
  /** Returns `false` if there is no such sequence, or no way to write to this person. */
  enrol(scope: TenantScope, sequence: string, contactId: string): Promise<boolean>;
  /** Tells every reachable member of staff, once per key. */
  tellStaff(scope: TenantScope, key: string, text: string): Promise<void>;
}

export function matches({ is, atLeast, atMost }: ScoreRule, value: ContactField | undefined): boolean {
  if (value === undefined) return false;
  if (is !== undefined && String(value).toLowerCase() !== is.toLowerCase()) return false;
  if (atLeast === undefined && atMost === undefined) return is !== undefined;
  const number = Number(value);
  return number >= (atLeast ?? Number.NEGATIVE_INFINITY) && number <= (atMost ?? Number.POSITIVE_INFINITY);
}

/**
 * Runs before the score is written, so that after a crash between the two it runs again rather than never.
 */
export async function applyRule(
  scope: TenantScope,
  contact: Contact,
  { tag, sequence }: ScoreRule,
  deps: RuleDependencies,
): Promise<void> {
  if (tag !== undefined && !contact.tags.includes(tag)) {
    await scope.contacts.update(contact.id, { tags: [...contact.tags, tag] });
  }
  if (sequence !== undefined) await deps.enrol(scope, sequence, contact.id);
}
