import type {
  Conversation,
  ConversationMessage,
  ConversationStore,
  Page,
  PageRequest,
} from '../../contracts/stores.js';
import type { Clock } from '../../contracts/runtime.js';
import { checkedDate, checkedId, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { conversationOf, conversationTable, type ConversationRow } from '../models/conversations.js';
import { optional } from '../optional.js';
import { historyPage } from './history.js';

const LIST = 'conversations';

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
    const fields = {
      ...optional('mode', change.mode),
      ...optional('locale', change.locale),
      ...optional('forgottenBefore', change.forgottenBefore),
      updatedAt: this.clock.now(),
    };
    const row = await this.database
      .model(conversationTable)
      .findOneAndUpdate({ _id: checkedText(id) }, { $set: fields }, { returnDocument: 'after' })
      .lean<ConversationRow>()
      .exec();
    return row === null ? undefined : conversationOf(row);
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

  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>> {
    return historyPage(this.database, checkedText(id), page);
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
