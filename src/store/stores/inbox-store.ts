import type { InboxStore, PreparedWrite } from '../../contracts/stores.js';
import type { InboxEvent } from '../../contracts/turn.js';
import { checkedNumber, checkedText, checkedTexts } from '../checked-value.js';
import { QUICK, type Database, type Rows } from '../database.js';
import { GatheredWrites } from '../../lib/work/gathered-writes.js';
import { isDuplicateKey } from '../guard.js';
import { inboxEventOf, inboxTable, newInboxRow, type InboxRow } from '../models/inbox-events.js';
import { PreparedWrites } from '../prepared-writes.js';
import type { SharedWrites } from '../shared-writes.js';

/** More than a lane ever takes at once; the rest is found by the next look. */
const MAX_PENDING = 500;
const ANSWERED = { $set: { status: 'answered' } } as const;

export class MongoInboxStore implements InboxStore {
  private readonly answered = new GatheredWrites<readonly string[], void>(async (keys) => {
    const filter = { _id: { $in: keys.flat() } };
    await this.rows.updateMany(filter, ANSWERED, QUICK);
    return keys.map(() => () => undefined);
  });

  constructor(
    private readonly database: Database,
    private readonly writes: SharedWrites,
  ) {}

  async accept(
    event: Omit<InboxEvent, 'attempts' | 'status'>,
  ): Promise<{ readonly stored: InboxEvent; readonly duplicate: boolean }> {
    const row = newInboxRow(event);
    try {
      await this.writes.insert(() => this.rows, row);
      return { stored: inboxEventOf(row), duplicate: false };
    } catch (error) {
      const stored = isDuplicateKey(error) ? await this.get(row._id) : undefined;
      if (stored === undefined) throw error;
      return { stored, duplicate: true };
    }
  }

  async get(key: string): Promise<InboxEvent | undefined> {
    const row = await this.rows.findOne({ _id: checkedText(key) });
    return row === null ? undefined : inboxEventOf(row);
  }

  async pending(conversationId: string): Promise<readonly InboxEvent[]> {
    const rows = await this.rows
      .find({ conversationId: checkedText(conversationId), status: 'pending' })
      .sort({ sequence: 1 })
      .limit(MAX_PENDING)
      .toArray();
    return rows.map(inboxEventOf).sort(inPlatformOrder);
  }

  async versions(conversationId: string, messageId: string): Promise<readonly InboxEvent[]> {
    const rows = await this.rows
      .find({
        conversationId: checkedText(conversationId),
        'event.messageId': checkedText(messageId),
        'event.type': { $in: ['message', 'edit'] },
      })
      .sort({ receivedAt: 1, _id: 1 })
      .limit(MAX_PENDING)
      .toArray();
    return rows.map(inboxEventOf);
  }

  async recordAttempt(keys: readonly string[], maximum: number): Promise<readonly InboxEvent[]> {
    const ids = checkedTexts(keys);
    const rows = await Promise.all(ids.map((key) => this.countAttempt(key, checkedNumber(maximum))));
    return rows
      .filter((row) => row !== null)
      .map(inboxEventOf)
      .sort(inPlatformOrder);
  }

  async forgetAttempt(keys: readonly string[]): Promise<void> {
    await this.rows.updateMany(
      { _id: { $in: checkedTexts(keys) }, status: 'pending', attempts: { $gt: 0 } },
      { $inc: { attempts: -1 } },
    );
  }

  /**
   * `QUICK`, because the turn holds the same information: an event that appears unanswered still gets no
   * second answer.
   */
  async markAnswered(keys: readonly string[]): Promise<void> {
    const ids = checkedTexts(keys);
    if (ids.length > 0) await this.answered.add(ids);
  }

  prepareAnswered(keys: readonly string[]): PreparedWrite {
    const { namespace } = this.rows;
    const updates = checkedTexts(keys).map((_id) => ({ filter: { _id }, update: ANSWERED }));
    return new PreparedWrites(
      () => this.markAnswered(keys),
      updates.map((one) => ({ name: 'updateOne', namespace, ...one })),
    );
  }

  async assign(conversationId: string, fromContactId: string, toContactId: string): Promise<void> {
    await this.rows.updateMany(
      { conversationId: checkedText(conversationId), contactId: checkedText(fromContactId) },
      { $set: { contactId: checkedText(toContactId) } },
    );
  }

  /**
   * Two conditional updates of which exactly one matches, so that counting and giving up are a single step.
   */
  private async countAttempt(key: string, maximum: number): Promise<InboxRow | null> {
    const pending = { _id: key, status: 'pending' as const };
    const after = { returnDocument: 'after' } as const;
    const row = await this.rows.findOneAndUpdate(
      { ...pending, attempts: { $lt: maximum - 1 } },
      { $inc: { attempts: 1 } },
      after,
    );
    if (row !== null) return row;
    const died = await this.rows.findOneAndUpdate(
      { ...pending, attempts: { $gte: maximum - 1 } },
      { $inc: { attempts: 1 }, $set: { status: 'dead' } },
      after,
    );
    return died ?? this.rows.findOne({ _id: key });
  }

  private get rows(): Rows<InboxRow> {
    return this.database.rows(inboxTable);
  }
}

function inPlatformOrder(a: InboxEvent, b: InboxEvent): number {
  return (
    a.event.sequence - b.event.sequence ||
    a.receivedAt.getTime() - b.receivedAt.getTime() ||
    (a.key < b.key ? -1 : 1)
  );
}
