import type { FollowUpReason } from '../contracts/follow-up-planner.js';
import type { Contact, TenantScope } from '../contracts/stores.js';
import type { FollowUp } from './follow-up.js';
import { followUpStore } from './follow-up-store.js';
import { sequenceStore } from './sequence-store.js';

/** How many recent turns of a conversation are searched for a message from the person or from staff. */
const LOOKED_THROUGH = 20;

/** Why a follow-up must not be sent at all; `undefined`: it may be sent. */
export async function obstacleTo(
  scope: TenantScope,
  followUp: FollowUp,
  now: Date,
): Promise<FollowUpReason | undefined> {
  const [contact, conversation] = await Promise.all([
    scope.contacts.get(followUp.contactId),
    scope.conversations.get(followUp.conversationId),
  ]);
  if (contact === undefined) return 'contact_erased';
  if (contact.optedOut) return 'opted_out';
  if (followUp.expiresAt !== undefined && followUp.expiresAt <= now) return 'expired';
  if (followUp.stopTags?.some((tag) => contact.tags.includes(tag)) === true) return 'tagged';
  if (followUp.sequence !== undefined) {
    const { name, id, after } = followUp.sequence;
    if ((await scope.store(sequenceStore).get(name))?.id !== id) return 'sequence_deleted';
    const before = after && (await scope.store(followUpStore).get(after.followUpId));
    if (before?.status === 'failed') return 'earlier_step_failed';
  }
  if (followUp.promise !== undefined && (await isKept(scope, followUp.promise, followUp.createdAt)))
    return 'kept';
  if (conversation !== undefined && conversation.mode !== 'bot') return 'handed_over';
  const { lastSentAt, createdAt, heardUntil = createdAt } = followUp;
  const baseline = lastSentAt ?? createdAt;
  const since = heardUntil > baseline ? heardUntil : baseline;
  if (followUp.cancelOnReply && (await hasWritten(scope, contact, followUp.conversationId, since)))
    return 'replied';
  return undefined;
}

/** Whether staff wrote to the person to whom the promise was made. */
async function isKept(
  scope: TenantScope,
  { conversationId }: NonNullable<FollowUp['promise']>,
  since: Date,
): Promise<boolean> {
  const turns = await scope.turns.recent(conversationId, LOOKED_THROUGH);
  return turns.some(({ origin, createdAt }) => origin.type === 'staff' && createdAt > since);
}

/**
 * Whether the person wrote on any channel: a reminder on Telegram is useless to somebody who replied on
 * WhatsApp.
 */
async function hasWritten(
  scope: TenantScope,
  contact: Contact,
  conversationId: string,
  since: Date,
): Promise<boolean> {
  const conversations = await scope.conversations.directOf(contact);
  const touched = conversations.filter(({ updatedAt }) => updatedAt > since).map(({ id }) => id);
  for (const id of new Set([conversationId, ...touched])) {
    const turns = await scope.turns.recent(id, LOOKED_THROUGH);
    if (turns.some(({ origin, createdAt }) => origin.type === 'events' && createdAt > since)) return true;
  }
  return false;
}
