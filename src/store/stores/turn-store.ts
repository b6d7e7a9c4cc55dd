import type { Feedback, Page, PageRequest, RatedTurn, TurnFacts, TurnStore } from '../../contracts/stores.js';
import type { BubbleDelivery, Turn } from '../../contracts/turn.js';
import { checkedDate, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { ConversationMemory } from '../conversation-memory.js';
import type { Database, Rows } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import {
  FACT_FIELDS,
  factsOf,
  isOpen,
  newTurnRow,
  turnOf,
  turnTable,
  type TurnRow,
} from '../models/turns.js';
import { optional } from '../optional.js';
import type { SharedWrites } from '../shared-writes.js';

/** How many turns are searched for the newest receipt, since later ones may still be waiting for theirs. */
const RECEIPT_TURNS = 5;
const LIST = 'interactions';
const MAX_UNDELIVERED = 500;
/** Turns per batch; a batch is read in a few milliseconds. */
const FACTS_BATCH = 500;

export class MongoTurnStore implements TurnStore {
  constructor(
    private readonly database: Database,
    private readonly memory: ConversationMemory,
    private readonly writes: SharedWrites,
  ) {}

  async commit(turn: Turn): Promise<boolean> {
    try {
      await this.writes.insert(() => this.rows, newTurnRow(turn));
      this.memory.noteTurn(turn);
      return true;
    } catch (error) {
      this.memory.forget(turn.conversationId);
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async close(
    id: string,
    { answer, deliveries, tookMs }: Parameters<TurnStore['close']>[1],
  ): Promise<Turn | undefined> {
    const row = await this.rows.findOneAndUpdate(
      { _id: checkedText(id), isOpen: true },
      {
        $set: { answer, tookMs },
        $unset: { isOpen: 1 },
        $inc: { openBubbles: deliveries.filter(isOpen).length },
        ...(deliveries.length === 0 ? {} : { $push: { deliveries: { $each: [...deliveries] } } }),
      },
      { returnDocument: 'after' },
    );
    if (row === null) return undefined;
    const turn = turnOf(row);
    this.memory.noteTurn(turn);
    return turn;
  }

  async get(id: string): Promise<Turn | undefined> {
    const row = await this.rows.findOne({ _id: checkedText(id) });
    return row === null ? undefined : turnOf(row);
  }

  async answering(eventKey: string): Promise<Turn | undefined> {
    const row = await this.rows.findOne({ eventIds: checkedText(eventKey) });
    return row === null ? undefined : turnOf(row);
  }

  async undelivered(conversationId: string): Promise<readonly Turn[]> {
    const rows = await this.rows
      .find({ conversationId: checkedText(conversationId), openBubbles: { $gt: 0 } })
      .sort({ createdAt: 1, _id: 1 })
      .limit(MAX_UNDELIVERED)
      .toArray();
    return rows.map(turnOf);
  }

  async moveBubble(
    turnId: string,
    index: number,
    from: { readonly state: BubbleDelivery['state']; readonly owner?: string },
    to: BubbleDelivery,
  ): Promise<boolean> {
    if (!Number.isInteger(index) || index < 0) throw new RangeError('a bubble has an index from 0');
    const path = `deliveries.${index}`;
    const filter = {
      _id: checkedText(turnId),
      [`${path}.state`]: checkedText(from.state),
      ...(from.owner === undefined ? {} : { [`${path}.owner`]: checkedText(from.owner) }),
    };
    const opened = Number(isOpen(to)) - Number(isOpen(from));
    const change = { $set: { [path]: to }, ...(opened === 0 ? {} : { $inc: { openBubbles: opened } }) };
    return (await this.rows.updateOne(filter, change)).matchedCount === 1;
  }

  /** Withdraws the bot's bubbles that are waiting to be sent; those already being sent are left alone. */
  async withdraw(conversationId: string, reason: string): Promise<void> {
    for (const turn of await this.undelivered(conversationId)) {
      if (turn.modeNumber === undefined) continue;
      for (const [index, { state }] of turn.deliveries.entries()) {
        if (state === 'pending')
          await this.moveBubble(turn.id, index, { state }, { state: 'failed', reason });
      }
    }
  }

  async sentAs(conversationId: string, messageId: string): Promise<Turn | undefined> {
    const row = await this.rows.findOne({
      conversationId: checkedText(conversationId),
      'deliveries.receipt.messageId': checkedText(messageId),
    });
    return row === null ? undefined : turnOf(row);
  }

  async lastReceipt(conversationId: string): Promise<string | undefined> {
    const rows = await this.rows
      .find({
        conversationId: checkedText(conversationId),
        'deliveries.receipt.messageId': { $exists: true },
      })
      .sort({ createdAt: -1, _id: -1 })
      .limit(RECEIPT_TURNS)
      .toArray();
    const sentDeliveries = rows
      .reverse()
      .flatMap((row) => row.deliveries.filter((delivery) => delivery.state === 'sent'));
    const withId = sentDeliveries.filter(({ receipt }) => receipt.messageId !== undefined);
    const newest = withId.reduce<(typeof withId)[number] | undefined>(
      (best, next) => (best === undefined || next.receipt.sentAt >= best.receipt.sentAt ? next : best),
      undefined,
    );
    return newest?.receipt.messageId;
  }

  history(conversationId: string, limit: number): Promise<readonly Turn[]> {
    return this.memory.turns(conversationId, limit, () => this.recent(conversationId, limit));
  }

  async recent(conversationId: string, limit: number): Promise<readonly Turn[]> {
    const rows = await this.rows
      .find({ conversationId: checkedText(conversationId) })
      .sort({ createdAt: -1, _id: -1 })
      .limit(Math.max(1, Math.trunc(limit)))
      .toArray();
    return rows.reverse().map(turnOf);
  }

  async saveFeedback(turnId: string, feedback: Feedback): Promise<boolean> {
    const stored: Feedback = {
      rating: feedback.rating,
      ...optional('comment', feedback.comment),
      at: checkedDate(feedback.at),
    };
    const result = await this.rows.updateOne({ _id: checkedText(turnId) }, { $set: { feedback: stored } });
    return result.matchedCount === 1;
  }

  async *facts(from: Date, until: Date): AsyncGenerator<TurnFacts> {
    const rows = this.rows
      .find({ createdAt: { $gte: checkedDate(from), $lt: checkedDate(until) } }, { projection: FACT_FIELDS })
      .sort({ createdAt: 1 })
      .batchSize(FACTS_BATCH);
    for await (const row of rows) yield factsOf(row);
  }

  async list(page: PageRequest): Promise<Page<RatedTurn>> {
    const limit = limitOf(page);
    const rows = await this.rows
      .find({ $and: [{ 'origin.type': 'events' }, olderThan('createdAt', positionOf(LIST, page))] })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(
      LIST,
      rows,
      limit,
      (row) => ({ turn: turnOf(row), ...optional('feedback', row.feedback) }),
      (row) => ({ time: row.createdAt.getTime(), id: row._id }),
    );
  }

  private get rows(): Rows<TurnRow> {
    return this.database.rows(turnTable);
  }
}
