import type { ChannelAccount } from '../contracts/channel.js';
import type { Events } from '../contracts/events.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import { conversationIdOf } from '../lib/ids/conversation-id.js';
import { contactJson } from './contact-json.js';

/** Merges the contacts and conversations of two ids on an account that turned out to be one person. */
export async function joinPerson(
  account: Pick<ChannelAccount, 'id' | 'tenantId' | 'channel'>,
  userId: string,
  formerId: string,
  {
    service,
    events,
    clock,
    logger,
  }: {
    readonly service: ServiceStore;
    readonly events: Events;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<boolean> {
  const { id: accountId, tenantId, channel } = account;
  try {
    const scope = await service.scope(tenantId);
    if (scope === undefined) return true;
    const find = async (id: string) =>
      (await scope.contacts.find({ identities: [{ channel, accountId, userId: id }] }))[0];
    const [into, other] = [await find(userId), await find(formerId)];
    if (into !== undefined && other !== undefined && into.id !== other.id) {
      const merged = await scope.contacts.merge(into.id, other.id);
      if (merged !== undefined) {
        await events.emit(scope, 'contact.merged', { ...contactJson(merged), merged_id: other.id });
      }
    }
    const idOf = (chatId: string): string => conversationIdOf(accountId, { chatId, kind: 'direct' });
    await scope.conversations.join(idOf(userId), idOf(formerId));
    // Messages that waited in the other conversation are now found in this one.
    await service.lanes.mark(tenantId, idOf(userId), clock.now());
    return true;
  } catch (error) {
    logger.warn({ error }, 'two ids of one person were not joined yet');
    return false;
  }
}
