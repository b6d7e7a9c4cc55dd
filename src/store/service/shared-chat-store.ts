import type { InboundEvent } from '../../contracts/channel.js';
import type { Clock } from '../../contracts/runtime.js';
import type { SharedChatKey, SharedChatStore } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { sharedChatTable, type SharedChatRow } from '../models/shared-chats.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';
import type { Sealer, SealedPlace } from '../seal.js';

/** How long messages are held for a question nobody answers, in ms. */
const HELD_MS = 24 * 60 * 60_000;
/** Somebody who keeps writing without choosing gets answers to only the latest messages. */
const MOST_HELD = 20;

/**
 * Holds messages until it is known which business they are for. They are sealed, because they belong to no
 * business yet.
 */
export class MongoSharedChatStore implements SharedChatStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sealer: Sealer,
  ) {}

  async read(key: SharedChatKey): ReturnType<SharedChatStore['read']> {
    const _id = this.idOf(key);
    const row = await this.rows.findOne({ _id });
    const events = (row?.held ?? []).map(({ sealed }) => eventOf(this.sealer.open(sealed, placeOf(_id))));
    return { accountId: row?.accountId, held: events };
  }

  async hold(key: SharedChatKey, event: InboundEvent): Promise<void> {
    const _id = this.idOf(key);
    const eventId = checkedText(event.eventId);
    const entry = { eventId, sealed: this.sealer.seal(JSON.stringify(event), placeOf(_id)) };
    const expiresAt = new Date(this.clock.now().getTime() + HELD_MS);
    const existing = await this.rows.findOne({ _id });
    if ((existing?.held ?? []).some((item) => item.eventId === eventId)) return;
    await retryOnDuplicate(() =>
      this.rows.updateOne(
        { _id },
        { $push: { held: { $each: [entry], $slice: -MOST_HELD } }, $set: { expiresAt } },
        { upsert: true },
      ),
    );
  }

  async choose(key: SharedChatKey, accountId: string): Promise<void> {
    await retryOnDuplicate(() =>
      this.rows.updateOne(
        { _id: this.idOf(key) },
        { $set: { accountId: checkedText(accountId) } },
        { upsert: true },
      ),
    );
  }

  async release(key: SharedChatKey): Promise<void> {
    await this.rows.updateOne({ _id: this.idOf(key) }, { $unset: { held: '', expiresAt: '' } });
  }

  async removeAccount(accountId: string): Promise<void> {
    await this.rows.deleteMany({ accountId: checkedText(accountId) });
  }

  private idOf({ bot, userId }: SharedChatKey): string {
    const person = JSON.stringify([checkedText(bot), checkedText(userId)]);
    return this.sealer.fingerprint('shared-chat', person).toString('base64url');
  }

  private get rows() {
    return this.database.rows<SharedChatRow>(sharedChatTable);
  }
}

function placeOf(recordId: string): SealedPlace {
  return { tenantId: '', recordId, field: 'held' };
}

/** It was a valid event when it was sealed, and nobody else can seal one. */
function eventOf(text: string): InboundEvent {
  const event = JSON.parse(text) as InboundEvent;
  return { ...event, sentAt: new Date(event.sentAt) };
}
