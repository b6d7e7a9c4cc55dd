import { randomBytes } from 'node:crypto';
import { badRequest, BotApiError } from './bot-api-error.js';
import { FakePerson } from './fake-person.js';
import { Faults } from './faults.js';
import { Flood } from './flood.js';
import { Journal } from './journal.js';
import type { DirectTopic, FakeChat, FakeFile, FakeMessage, FakeUser } from './types.js';
import { UpdateQueue } from './update-queue.js';
import { WebhookDelivery } from './webhook-delivery.js';

/**
 * Supergroups have ids from here down and number their own messages; all other chats of a bot share a
 * counter.
 */
const SUPERGROUP = -1_000_000_000_000;

export interface FakeBotOptions {
  readonly firstUpdateId?: number;
  /** Length of a second in Telegram's own waits, in ms, for tests that cannot wait. */
  readonly secondMs?: number;
  /** Refuses messages that arrive faster than Telegram accepts them; by default there is no limit. */
  readonly isStrict?: boolean;
}

/** The state of one bot in Telegram. */
export class FakeBot {
  readonly me: FakeUser & { readonly username: string };
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly updates: UpdateQueue;
  readonly webhook: WebhookDelivery;
  /** Menus by language code; `''` is the default. */
  readonly menus = new Map<string, readonly unknown[]>();
  readonly chats = new Map<number, FakeChat>();
  readonly messages = new Map<string, FakeMessage>();
  readonly files = new Map<string, FakeFile>();
  /** Button presses by id; `true` once answered. */
  readonly presses = new Map<string, boolean>();
  /** The bot's reactions by chat and message. */
  readonly reactions = new Map<string, string>();
  readonly blockedBy = new Set<number>();
  /** Groups that became supergroups, old id to new id. */
  readonly migrated = new Map<number, number>();
  readonly topics = new Set<string>();
  readonly directTopics = new Map<string, DirectTopic>();
  isRevoked = false;
  readonly flood: Flood | undefined;
  private readonly counters = new Map<number, number>();

  constructor(
    readonly token: string,
    { firstUpdateId = 1_000, secondMs = 1_000, isStrict = false }: FakeBotOptions = {},
  ) {
    const id = Number(token.slice(0, token.indexOf(':')));
    this.me = { id, is_bot: true, first_name: 'Sapa', username: `sapa_${id}_bot` };
    this.flood = isStrict ? new Flood() : undefined;
    this.updates = new UpdateQueue(firstUpdateId);
    this.webhook = new WebhookDelivery(this.updates, secondMs);
  }

  /** A person in a chat; without `chatId`, in the private chat. Negative ids are groups. */
  user(id: number, chatId = id, details: Partial<FakeUser> = {}): FakePerson {
    if (!this.chats.has(chatId)) this.chats.set(chatId, newChat(chatId));
    return new FakePerson(
      this,
      { id, is_bot: false, first_name: `Person ${id}`, language_code: 'id', ...details },
      this.chat(chatId),
    );
  }

  chat(id: number): FakeChat {
    const migratedTo = this.migrated.get(id);
    if (migratedTo !== undefined) {
      throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: migratedTo });
    }
    const chat = this.chats.get(id);
    if (!chat) throw badRequest('chat not found');
    if (this.blockedBy.has(id)) throw new BotApiError(403, 'Forbidden: bot was blocked by the user');
    return chat;
  }

  /** Turns a group into a supergroup with a new id. */
  migrate(from: number, to: number): void {
    this.migrated.set(from, to);
    this.chats.set(to, newChat(to));
  }

  /** Like `migrate`, and notifies both chats. */
  upgrade(from: number, to: number): void {
    const before = this.chat(from);
    this.migrate(from, to);
    const admin = { id: 1, is_bot: false, first_name: 'Admin' };
    this.updates.push({ message: this.store(before, admin, { migrate_to_chat_id: to }) });
    this.updates.push({ message: this.store(this.chat(to), admin, { migrate_from_chat_id: from }) });
  }

  /** Opens a topic, which turns its chat into a forum. */
  openTopic(chatId: number, threadId: number): void {
    this.chats.set(chatId, { ...newChat(chatId), is_forum: true });
    this.topics.add(`${chatId}:${threadId}`);
  }

  /** The person opens their topic in the direct messages of a channel. */
  openDirectMessages(chatId: number, user: FakeUser): DirectTopic {
    this.chats.set(chatId, { ...newChat(chatId), is_direct_messages: true });
    const topic = { topic_id: user.id, user };
    this.directTopics.set(`${chatId}:${topic.topic_id}`, topic);
    return topic;
  }

  store(chat: FakeChat, from: FakeUser, content: Readonly<Record<string, unknown>>): FakeMessage {
    const counter = chat.id <= SUPERGROUP ? chat.id : 0;
    const messageId = (this.counters.get(counter) ?? 0) + 1;
    this.counters.set(counter, messageId);
    const message: FakeMessage = {
      message_id: messageId,
      date: Math.floor(Date.now() / 1000),
      chat,
      from,
      ...content,
    };
    this.messages.set(messageKey(chat.id, messageId), message);
    return message;
  }

  replace(message: FakeMessage): void {
    this.messages.set(messageKey(message.chat.id, message.message_id), message);
  }

  message(chatId: number, messageId: number): FakeMessage | undefined {
    return this.messages.get(messageKey(chatId, messageId));
  }

  addFile(bytes: Uint8Array, name = 'file.bin', claimedSize = bytes.byteLength): FakeFile {
    const id = randomBytes(12).toString('base64url');
    const file = {
      file_id: `AgAD${id}`,
      file_path: `documents/${id}/${name}`,
      bytes,
      file_size: claimedSize,
    };
    this.files.set(file.file_id, file);
    return file;
  }
}

function messageKey(chatId: number, messageId: number): string {
  return `${chatId}:${messageId}`;
}

function newChat(id: number): FakeChat {
  if (id > 0) return { id, type: 'private', first_name: `Person ${id}` };
  return { id, type: id <= SUPERGROUP ? 'supergroup' : 'group', title: `Group ${-id}` };
}
