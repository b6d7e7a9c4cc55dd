import type { Contact, ContactField, TenantScope } from '../../contracts/stores.js';

/** What happens when the score of a person comes to mean something. */
export interface ScoreRule {
  /** The prediction itself. */
  readonly is?: string;
  /** Of numbers and probabilities. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly tag?: string;
  /** Name of a sequence that the person is enrolled in. */
  readonly sequence?: string;
  readonly tellStaff?: boolean;
}

export interface RuleDependencies {
  /** `false`: there is no such sequence, or no way to write to this person. */
  enrol(scope: TenantScope, sequence: string, contactId: string): Promise<boolean>;
  /** Tells every member of staff who can be reached, once per key. */
  tellStaff(scope: TenantScope, key: string, text: string): Promise<void>;
}

export function matches({ is, atLeast, atMost }: ScoreRule, value: ContactField | undefined): boolean {
  if (value === undefined) return false;
  if (is !== undefined && String(value).toLowerCase() !== is.toLowerCase()) return false;
  if (atLeast === undefined && atMost === undefined) return is !== undefined;
  const number = Number(value);
  return number >= (atLeast ?? Number.NEGATIVE_INFINITY) && number <= (atMost ?? Number.POSITIVE_INFINITY);
}

/** Done before the score is written, so that a crash between the two does it again rather than never. */
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
