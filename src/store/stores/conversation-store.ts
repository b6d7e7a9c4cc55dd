import type {
  Contact,
  Conversation,
  ConversationMessage,
  ConversationStore,
  LastMessage,
  Page,
  PageRequest,
} from '../../contracts/stores.js';
import type { Clock } from '../../contracts/runtime.js';
import { checkedDate, checkedId, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import { QUICK, type Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { conversationOf, conversationTable, type ConversationRow } from '../models/conversations.js';
import { optional } from '../optional.js';
import { historyPage, newestHistory } from './history.js';
import { MongoTurnStore } from './turn-store.js';

const LIST = 'conversations';
const LAST_MESSAGE_LENGTH = 200;
const MOST_WITH_PEOPLE = 100;
const MOST_DIRECT = 20;
const MOST_OF_A_PERSON = 200;
/** Why a bubble of the bot was not sent. */
const TAKEN_OVER = 'a person took over';

export class MongoConversationStore implements ConversationStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async ensure(conversation: Parameters<ConversationStore['ensure']>[0]): Promise<Conversation> {
    const known = await this.get(conversation.id);
    if (known !== undefined) return known;
    const row = newConversationRow(conversation);
    try {
      await this.database.rows(conversationTable).insertOne(row);
      return conversationOf(row);
    } catch (error) {
      const winner = isDuplicateKey(error) ? await this.get(conversation.id) : undefined;
      if (winner === undefined) throw error;
      return winner;
    }
  }

  async get(id: string): Promise<Conversation | undefined> {
    const row = await this.database.rows(conversationTable).findOne({ _id: checkedText(id) });
    return row === null ? undefined : conversationOf(row);
  }

  async update(
    id: string,
    change: Parameters<ConversationStore['update']>[1],
  ): Promise<Conversation | undefined> {
    const now = this.clock.now();
    const fields = {
      ...optional('mode', change.mode),
      ...(change.mode === undefined ? {} : { modeSince: now }),
      ...optional('modeReason', change.modeReason),
      ...optional('locale', change.locale),
      ...optional('agent', change.agent),
      ...optional('forgottenBefore', change.forgottenBefore),
      ...optional('desk', change.desk ?? undefined),
      ...optional('attends', change.attends ?? undefined),
      updatedAt: now,
    };
    const removed = {
      ...(change.mode === undefined || change.modeReason !== undefined ? {} : { modeReason: 1 as const }),
      ...(change.desk === null ? { desk: 1 as const } : {}),
      ...(change.attends === null ? { attends: 1 as const } : {}),
    };
    const row = await this.database
      .model(conversationTable)
      .findOneAndUpdate(
        { _id: checkedText(id) },
        {
          $set: fields,
          ...(Object.keys(removed).length === 0 ? {} : { $unset: removed }),
          ...(change.mode === undefined ? {} : { $inc: { modeNumber: 1 } }),
        },
        { returnDocument: 'after' },
      )
      .lean<ConversationRow>()
      .exec();
    if (row !== null && row.mode !== 'bot' && change.mode !== undefined) {
      await new MongoTurnStore(this.database).withdraw(row._id, TAKEN_OVER);
    }
    return row === null ? undefined : conversationOf(row);
  }

  async settle(
    id: string,
    { modeNumber, last }: { readonly modeNumber?: number; readonly last: LastMessage },
  ): Promise<boolean> {
    const at = checkedDate(last.at);
    const lastMessage = { role: last.role, text: last.text.slice(0, LAST_MESSAGE_LENGTH), at };
    // A mode that never changed has no number yet.
    const unchanged =
      modeNumber === undefined ? {} : { modeNumber: modeNumber === 0 ? { $in: [null, 0] } : modeNumber };
    const filter: Record<string, unknown> = { _id: checkedText(id), ...unchanged };
    const { matchedCount } = await this.database
      .rows(conversationTable)
      .updateOne(filter, { $set: { lastMessage, updatedAt: at } }, QUICK);
    return matchedCount === 1;
  }

  async list(page: PageRequest): Promise<Page<Conversation>> {
    const limit = limitOf(page);
    const rows = await this.database
      .model(conversationTable)
      .find(olderThan('createdAt', positionOf(LIST, page)))
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<ConversationRow[]>()
      .exec();
    return pageOf(LIST, rows, limit, conversationOf, (row) => ({
      time: row.createdAt.getTime(),
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

  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>> {
    return historyPage(this.database, [checkedText(id)], page);
  }

  newestMessages(id: string, limit: number): Promise<readonly ConversationMessage[]> {
    return newestHistory(this.database, checkedText(id), limit);
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
    createdAt: at,
    updatedAt: at,
  };
}
