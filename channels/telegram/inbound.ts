import type { ChatAddress, InboundEvent, Reception, Sender } from '../../src/contracts/channel.js';
import type { MessagePart, QuotedMessage } from '../../src/contracts/message.js';
import { parseCommand } from '../../src/lib/text/parse-command.js';
import { isAddressed, withoutMention, type BotIdentity } from './mentions.js';
import { contentPartsOf, filePartsOf } from './file-parts.js';
import { updateSchema } from './update-schema.js';
import type {
  TelegramCallbackQuery,
  TelegramChat,
  TelegramEntity,
  TelegramMessage,
  TelegramUser,
} from './update-schema.js';

/** What all events of one update have in common. */
interface UpdateFacts {
  readonly bot: BotIdentity;
  readonly updateId: number;
  /** The time used for pressed buttons: Telegram does not say when they were pressed. */
  readonly receivedAt: Date;
}

/** Converts an update of the Bot API, as parsed from JSON, into a neutral event. Never throws. */
export function decodeUpdate(raw: unknown, bot: BotIdentity, receivedAt: Date): Reception {
  const parsed = updateSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { type: 'rejected', reason: `not an update: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}` };
  }
  const update = parsed.data;
  const facts: UpdateFacts = { bot, updateId: update.update_id, receivedAt };
  if (update.message) return decodeMessage(update.message, facts);
  if (update.edited_message) return decodeEdit(update.edited_message, facts);
  if (update.callback_query) return decodePress(update.callback_query, facts);
  return ignored('a kind of update we do not use');
}

function decodeMessage(message: TelegramMessage, facts: UpdateFacts): Reception {
  const refusal = reasonToIgnore(message, facts);
  if (refusal !== undefined) return ignored(refusal);
  const text = textOf(message);
  const files = filePartsOf(message);
  const base = baseOf(message, facts, message.date);
  if (isFromBusiness(message)) {
    const messageId = String(message.message_id);
    const parts = partsOf(text, contentPartsOf(message));
    if (parts.length === 0) return ignored('a message without content');
    return { type: 'event', event: { ...base, type: 'own-message', messageId, parts } };
  }
  const command = commandOf(text, entitiesOf(message));
  if (command) {
    if (isForAnotherBot(command.bot, facts.bot)) return ignored('a command for another bot');
    return {
      type: 'event',
      event: {
        ...base,
        type: 'command',
        messageId: String(message.message_id),
        name: command.name,
        argumentText: command.argumentText,
        files,
        // Telegram delivers a bare command in a group only to the bots it may be meant for.
        addressed: true,
      },
    };
  }
  const parts = partsOf(withoutMention(text, facts.bot), contentPartsOf(message));
  if (parts.length === 0) return ignored('a message without content');
  const replied = repliedMessage(message);
  const elsewhere = replied === undefined ? quotedElsewhere(message) : undefined;
  const event: InboundEvent = {
    ...base,
    type: 'message',
    messageId: String(message.message_id),
    parts,
    addressed:
      base.chat.kind === 'direct' || isAddressed(text, entitiesOf(message), replied?.from?.id, facts.bot),
    ...(replied
      ? { replyToMessageId: String(replied.message_id), quoted: quotedOf(message, replied, facts.bot) }
      : {}),
    ...(elsewhere === undefined ? {} : { quoted: elsewhere }),
    ...(message.media_group_id ? { albumId: message.media_group_id } : {}),
  };
  return { type: 'event', event };
}

function decodeEdit(message: TelegramMessage, facts: UpdateFacts): Reception {
  const refusal = reasonToIgnore(message, facts);
  if (refusal !== undefined) return ignored(refusal);
  // Nobody edits a place: a live location reports every move as an edit.
  if (message.location) return ignored('a live location that moves');
  if (isFromBusiness(message)) return ignored('an edit by the business itself');
  const text = textOf(message);
  const parts = partsOf(withoutMention(text, facts.bot), contentPartsOf(message));
  if (parts.length === 0) return ignored('an edit without text or file');
  const base = baseOf(message, facts, message.edit_date ?? message.date);
  const addressed =
    base.chat.kind === 'direct' ||
    isAddressed(text, entitiesOf(message), repliedMessage(message)?.from?.id, facts.bot);
  const messageId = String(message.message_id);
  return { type: 'event', event: { ...base, type: 'edit', messageId, parts, addressed } };
}

function decodePress(query: TelegramCallbackQuery, facts: UpdateFacts): Reception {
  if (!query.message) return ignored('a press on a message of another chat');
  if (typeof query.data !== 'string') return ignored('a press on a game');
  return {
    type: 'event',
    event: {
      type: 'action',
      eventId: String(facts.updateId),
      sequence: facts.updateId,
      sentAt: facts.receivedAt,
      chat: addressOf(query.message.chat, query.message),
      sender: senderOf(query.from),
      action: query.data,
      messageId: String(query.message.message_id),
      interactionToken: query.id,
    },
  };
}

function reasonToIgnore(message: TelegramMessage, { bot }: UpdateFacts): string | undefined {
  if (message.chat.type === 'channel' || message.is_automatic_forward) return 'a channel post';
  if (!message.from && !message.sender_chat) return 'a message without a sender';
  if (message.from && String(message.from.id) === bot.id) return 'our own message';
  return undefined;
}

/** In the direct messages of a channel, whoever writes in a person's topic besides that person runs the channel. */
function isFromBusiness({
  direct_messages_topic: topic,
  from,
  sender_chat: asChat,
}: TelegramMessage): boolean {
  const person = topic?.user?.id;
  return person !== undefined && person !== (asChat ?? from)?.id;
}

function baseOf(message: TelegramMessage, { updateId }: UpdateFacts, unixSeconds: number) {
  return {
    eventId: String(updateId),
    sequence: updateId,
    sentAt: new Date(unixSeconds * 1000),
    chat: addressOf(message.chat, message),
    sender: message.sender_chat ? senderChat(message.sender_chat) : senderOf(message.from),
  };
}

/**
 * In a group without topics, `message_thread_id` only marks a chain of replies and is not part of the
 * address. A topic in the direct messages of a channel is one person's chat with the business.
 */
function addressOf(
  chat: TelegramChat,
  thread: Pick<TelegramMessage, 'message_thread_id' | 'is_topic_message' | 'direct_messages_topic'>,
): ChatAddress {
  const topicId = thread.direct_messages_topic?.topic_id;
  if (topicId !== undefined) return { chatId: String(chat.id), kind: 'direct', topicId: String(topicId) };
  const isTopic = thread.is_topic_message === true || chat.is_forum === true;
  return {
    chatId: String(chat.id),
    kind: chat.type === 'private' ? 'direct' : 'group',
    ...(isTopic && typeof thread.message_thread_id === 'number'
      ? { topicId: String(thread.message_thread_id) }
      : {}),
  };
}

function senderOf(user: TelegramUser | null | undefined): Sender {
  const name = [user?.first_name, user?.last_name].filter(Boolean).join(' ');
  return {
    id: String(user?.id ?? 0),
    ...(name === '' ? {} : { name }),
    ...(user?.language_code ? { languageTag: user.language_code } : {}),
    isBot: user?.is_bot === true,
  };
}

/** For an anonymous administrator or a person writing as a channel; `from` is then only a placeholder bot. */
function senderChat(chat: TelegramChat): Sender {
  return { id: String(chat.id), ...(chat.title ? { name: chat.title } : {}), isBot: false };
}

function textOf(message: TelegramMessage): string {
  return message.text ?? message.caption ?? '';
}

function entitiesOf(message: TelegramMessage): readonly TelegramEntity[] {
  return (typeof message.text === 'string' ? message.entities : message.caption_entities) ?? [];
}

function partsOf(text: string, files: readonly MessagePart[]): MessagePart[] {
  return text.trim() === '' ? [...files] : [{ type: 'text', text }, ...files];
}

/** A slash inside code is not a command: Telegram marks it with another entity. */
function commandOf(text: string, entities: readonly TelegramEntity[]) {
  const first = entities.filter((entity) => entity.offset === 0);
  if (first.length > 0 && !first.some((entity) => entity.type === 'bot_command')) return undefined;
  return parseCommand(text);
}

/**
 * Until our own name is known, a command with a name is treated as ours: Telegram filters them by default.
 */
function isForAnotherBot(username: string | undefined, bot: BotIdentity): boolean {
  if (username === undefined || bot.username === undefined) return false;
  return username.toLowerCase() !== bot.username.toLowerCase();
}

/** In a topic, a message that is not a reply still "replies" to the service message that opened the topic. */
function repliedMessage(message: TelegramMessage) {
  const replied = message.reply_to_message;
  return replied && replied.forum_topic_created === undefined ? replied : undefined;
}

function quotedOf(
  message: TelegramMessage,
  replied: NonNullable<TelegramMessage['reply_to_message']>,
  bot: BotIdentity,
): QuotedMessage {
  const text = message.quote?.text ?? replied.text ?? replied.caption ?? '';
  const common = { messageId: String(replied.message_id), parts: partsOf(text, contentPartsOf(replied)) };
  const id = replied.from?.id;
  if (id !== undefined && String(id) === bot.id) return { ...common, from: 'bot' };
  if (id !== undefined && id === message.from?.id) return { ...common, from: 'sender' };
  const { name } = senderOf(replied.from);
  return { ...common, from: 'other', ...(name === undefined ? {} : { name }) };
}

/** A message of another chat, without an id that means anything in this one. */
function quotedElsewhere({ external_reply: reply, quote }: TelegramMessage): QuotedMessage | undefined {
  if (!reply) return undefined;
  const { sender_user: user, sender_user_name: hidden, chat, sender_chat: group } = reply.origin ?? {};
  const name = senderOf(user).name ?? hidden ?? chat?.title ?? group?.title ?? undefined;
  const parts = partsOf(quote?.text ?? '', contentPartsOf(reply));
  return { from: 'other', ...(name === undefined ? {} : { name }), parts };
}

function ignored(reason: string): Reception {
  return { type: 'ignored', reason };
}
