import type {
  Contact,
  ContactIdentity,
  Conversation,
  ConversationFilter,
  ConversationMessage,
  ConversationStore,
  Page,
  PageRequest,
  Recalled,
} from '../../contracts/stores.js';
import type { Clock } from '../../contracts/runtime.js';
import { checkedDate, checkedId, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { ConversationMemory } from '../conversation-memory.js';
import { QUICK, type Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { identityKeyOf } from '../models/contacts.js';
import { conversationOf, conversationTable, type ConversationRow } from '../models/conversations.js';
import { inboxTable, type InboxRow } from '../models/inbox-events.js';
import { turnTable, type TurnRow } from '../models/turns.js';
import {
  withLastMessage,
  conditionsOf,
  conversationChange,
  lastMessageChange,
} from './conversation-change.js';
import { historyPage, newestHistory } from './history.js';
import { removeHistory } from './old-history.js';
import { gatheredSettlements } from './settle-conversations.js';
import type { MongoTurnStore } from './turn-store.js';

const LIST = 'conversations';
const LAST_MESSAGE_LENGTH = 200;
const MOST_WITH_PEOPLE = 100;
const MOST_DIRECT = 20;
const MOST_OF_A_PERSON = 200;
/** Somebody last seen longer ago than this is looked up again and recorded as seen, in ms. */
const RECALLED_WITHIN_MS = 5 * 60_000;
/** Reason recorded for a bot's bubble that was not sent. */
const TAKEN_OVER = 'a person took over';

export class MongoConversationStore implements ConversationStore {
  private readonly settled = gatheredSettlements(() => this.database.rows(conversationTable));

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly memory: ConversationMemory,
    private readonly turns: Pick<MongoTurnStore, 'withdraw'>,
  ) {}

  async ensure(conversation: Parameters<ConversationStore['ensure']>[0]): Promise<Conversation> {
    const existing = await this.get(conversation.id);
    if (existing !== undefined) return existing;
    const row = newConversationRow(conversation);
    try {
      await this.database.rows(conversationTable).insertOne(row);
      return this.memory.saw(row);
    } catch (error) {
      const winner = isDuplicateKey(error) ? await this.get(conversation.id) : undefined;
      if (winner === undefined) throw error;
      return winner;
    }
  }

  async get(id: string): Promise<Conversation | undefined> {
    const rows = this.database.rows(conversationTable);
    const _id = checkedText(id);
    const row = (await rows.findOne({ _id })) ?? (await rows.findOne({ formerIds: _id }));
    return row === null ? undefined : this.memory.saw(row);
  }

  async join(id: string, otherId: string): Promise<void> {
    const rows = this.database.rows(conversationTable);
    const [into, other] = await Promise.all(
      [id, otherId].map((one) => rows.findOne({ _id: checkedText(one) })),
    );
    if (!into || !other || into._id === other._id) return;
    const formerIds = [other._id, ...(other.formerIds ?? [])];
    await rows.updateOne(
      { _id: into._id },
      { $addToSet: { formerIds: { $each: formerIds } }, $inc: { version: 1 } },
    );
    if (into.mode === 'bot' && other.mode !== 'bot') {
      const { mode, modeReason } = other;
      await this.update(into._id, { mode, ...(modeReason === undefined ? {} : { modeReason }) });
    }
    await this.moveHistory(other._id, into._id);
    await rows.deleteOne({ _id: other._id });
    // Moves turns that were stored while the other conversation still existed.
    await this.moveHistory(other._id, into._id);
    this.memory.forget(into._id);
    this.memory.forget(other._id);
  }

  async update(
    id: string,
    change: Parameters<ConversationStore['update']>[1],
  ): Promise<Conversation | undefined> {
    const row = await this.database
      .model(conversationTable)
      .findOneAndUpdate({ _id: checkedText(id) }, conversationChange(change, this.clock.now()), {
        returnDocument: 'after',
      })
      .lean<ConversationRow>()
      .exec();
    if (row !== null && row.mode !== 'bot' && change.mode !== undefined) {
      await this.turns.withdraw(row._id, TAKEN_OVER);
    }
    return row === null ? undefined : this.memory.changed(row);
  }

  async settle(
    id: string,
    { modeNumber, last, recalled, isAsked = false }: Parameters<ConversationStore['settle']>[1],
  ): Promise<boolean> {
    const at = checkedDate(last.at);
    const lastMessage = { role: last.role, text: last.text.slice(0, LAST_MESSAGE_LENGTH), at };
    const filter = {
      _id: checkedText(id),
      ...(modeNumber === undefined ? {} : { modeNumber: versionFilter(modeNumber) }),
    };
    const change = lastMessageChange(lastMessage, isAsked);
    const version = this.memory.versionOf(id, recalled?.lineage);
    if (version !== undefined) {
      const sameVersion = { ...filter, version: versionFilter(version) };
      if (await this.settled.add({ id, version, filter: sameVersion, update: change, lastMessage })) {
        this.memory.settled(id, version, (before) => withLastMessage(before, lastMessage, isAsked));
        return true;
      }
      this.memory.forget(id);
    }
    if (recalled !== undefined) return false;
    const anyVersion: Record<string, unknown> = filter;
    const row = await this.database
      .rows(conversationTable)
      .findOneAndUpdate(anyVersion, change, { ...QUICK, returnDocument: 'after' });
    if (row !== null) this.memory.changed(row);
    return row !== null;
  }

  recall(id: string, sender: ContactIdentity, at: Date): Recalled | undefined {
    const memory = this.memory.recall(id, identityKeyOf(sender));
    if (memory === undefined) return undefined;
    const { conversation, contact } = memory;
    const isWithBot = conversation.mode === 'bot' && conversation.attends === undefined && !contact.isStaff;
    const seenMs = contact.lastSeenAt?.getTime() ?? 0;
    return isWithBot && at.getTime() - seenMs < RECALLED_WITHIN_MS ? memory : undefined;
  }

  async holds({ conversation, lineage }: Recalled): Promise<boolean> {
    const current = await this.get(conversation.id);
    return current !== undefined && this.memory.versionOf(current.id, lineage) !== undefined;
  }

  remember(conversation: Conversation, sender: ContactIdentity, contact: Contact): void {
    const isTheirs = [contact.id, ...contact.formerIds].includes(conversation.contactId);
    if (conversation.chat.kind !== 'direct' || !isTheirs || contact.isStaff) return;
    this.memory.remember(conversation, identityKeyOf(sender), contact);
  }

  async list(page: PageRequest, filter: ConversationFilter = {}): Promise<Page<Conversation>> {
    const limit = limitOf(page);
    const rows = await this.database
      .rows(conversationTable)
      .find({ $and: [olderThan('activeAt', positionOf(LIST, page)), ...conditionsOf(filter)] })
      .sort({ activeAt: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(LIST, rows, limit, conversationOf, (row) => ({
      time: (row.activeAt ?? row.createdAt).getTime(),
      id: row._id,
    }));
  }

  async withPeople(): Promise<readonly Conversation[]> {
    const rows = await this.database
      .rows(conversationTable)
      .find({ mode: { $in: ['human', 'paused'] } })
      .sort({ modeSince: 1 })
      .limit(MOST_WITH_PEOPLE)
      .toArray();
    return rows.map(conversationOf);
  }

  async directOf(contact: Pick<Contact, 'id' | 'formerIds'>): Promise<readonly Conversation[]> {
    const ids = [contact.id, ...contact.formerIds].map(checkedText);
    const rows = await this.database
      .rows(conversationTable)
      .find({ contactId: { $in: ids }, 'chat.kind': 'direct' })
      .sort({ updatedAt: -1 })
      .limit(MOST_DIRECT)
      .toArray();
    return rows.map(conversationOf);
  }

  private async moveHistory(from: string, to: string): Promise<void> {
    const filter = { conversationId: from };
    const change = { $set: { conversationId: to } };
    await this.database.rows<InboxRow>(inboxTable).updateMany(filter, change);
    await this.database.rows<TurnRow>(turnTable).updateMany(filter, change);
  }

  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>> {
    return historyPage(this.database, [checkedText(id)], page);
  }

  newestMessages(id: string, limit: number): Promise<readonly ConversationMessage[]> {
    return newestHistory(this.database, checkedText(id), limit);
  }

  removeHistory(before: Date, signal: AbortSignal): Promise<number> {
    return removeHistory(this.database, checkedDate(before), signal);
  }

  async history(
    contact: Pick<Contact, 'id' | 'formerIds'>,
    page: PageRequest,
  ): Promise<Page<ConversationMessage>> {
    const ids = [contact.id, ...contact.formerIds].map(checkedText);
    const rows = await this.database
      .rows(conversationTable)
      .find({ contactId: { $in: ids } }, { projection: { _id: 1 } })
      .limit(MOST_OF_A_PERSON)
      .toArray();
    return historyPage(
      this.database,
      rows.map(({ _id }) => _id),
      page,
      ids,
    );
  }
}

/** A row that has never changed has no number yet. */
function versionFilter(number: number): number | { readonly $in: (number | null)[] } {
  return number === 0 ? { $in: [null, 0] } : number;
}

function newConversationRow(conversation: Parameters<ConversationStore['ensure']>[0]): ConversationRow {
  const at = checkedDate(conversation.at);
  return {
    _id: checkedId(conversation.id),
    accountId: checkedText(conversation.accountId),
    channel: checkedText(conversation.channel),
    contactId: checkedText(conversation.contactId),
    chat: conversation.chat,
    title: conversation.title,
    mode: 'bot',
    activeAt: at,
    createdAt: at,
    updatedAt: at,
  };
}
