import type { RawApi } from 'grammy';
import { z } from 'zod';
import type { OutboundMessage, Receipt, SendTarget } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { cleanText } from '../../../src/lib/text/clean-text.js';
import { shorten } from '../../../src/lib/text/shorten.js';
import { splitText } from '../../../src/lib/text/split-text.js';
import { untilAborted } from '../../../src/lib/work/until-aborted.js';
import type { TelegramClient } from '../client.js';
import { renderHtml, TEXT_LIMIT } from '../render.js';
import { TelegramError } from '../telegram-error.js';
import type { MovedChats } from '../moved-chats.js';
import type { ChatWaits } from './chat-waits.js';
import type { Pace } from './pace.js';
import type { Searches } from './searches.js';
import type { MessageIds } from './message-ids.js';
import { uploadOf } from './upload-of.js';

export interface SendContext {
  readonly client: TelegramClient;
  readonly clock: Clock;
  readonly waits: ChatWaits;
  readonly pace: Pace;
  readonly messageIds: MessageIds;
  readonly searches: Searches;
  readonly moved: MovedChats;
  readonly signal: AbortSignal;
}

type OutboundOf<Type extends OutboundMessage['type']> = Extract<OutboundMessage, { type: Type }>;
type TextMessage = OutboundOf<'text'>;

type ReactionTypeEmoji = Extract<
  NonNullable<Parameters<RawApi['setMessageReaction']>[0]['reaction']>[number],
  { type: 'emoji' }
>;

/** Longest caption of a file, not counting its formatting. */
const CAPTION_LIMIT = 1024;
/** Largest picture that can be sent as a photo, in bytes. */
const PHOTO_LIMIT = 10 * 1024 * 1024;

const sentMessageSchema = z.object({ message_id: z.int(), date: z.int().min(0).max(8_640_000_000_000) });

/** Sends one message to a chat. Throws only `ChannelError`. */
export async function sendMessage(
  target: SendTarget,
  message: OutboundMessage,
  context: SendContext,
): Promise<Receipt> {
  switch (message.type) {
    case 'text':
      return sendText(target, message, context);
    case 'edit':
      return editText(target, message, context);
    case 'file':
      return sendFile(target, message, context);
    case 'reaction':
      return react(target, message, context);
    case 'typing':
      return showTyping(target, context);
    case 'acknowledge':
      return acknowledge(message.interactionToken, message.text, context);
    default:
      return message satisfies never;
  }
}

/** A text and its format; plain text if there is no `mode`. */
interface Formatted {
  readonly text: string;
  readonly mode?: { readonly parse_mode: 'HTML' };
}

/** Sends HTML if Telegram accepts it, otherwise the source as plain text. */
async function formatted<Result>(
  markdown: string,
  limit: number,
  send: (text: Formatted) => Promise<Result>,
): Promise<Result> {
  const plain = { text: cleanText(markdown) };
  const rendered = renderHtml(markdown);
  // Aligning the columns of a table makes it longer: better unformatted than refused.
  if (rendered.length === 0 || rendered.length > limit) return send(plain);
  try {
    return await send({ text: rendered.html, mode: { parse_mode: 'HTML' } });
  } catch (error) {
    if (!isEntityError(error)) throw error;
    return send(plain);
  }
}

function sendText(target: SendTarget, message: TextMessage, context: SendContext): Promise<Receipt> {
  const { client, signal } = context;
  return formatted(message.text, TEXT_LIMIT, ({ text, mode }) =>
    sentTo(target, 'sendMessage', context, (chatId) =>
      client.call(
        'sendMessage',
        (api, grammySignal) =>
          api.sendMessage(
            {
              chat_id: chatId,
              text,
              ...mode,
              ...addressing(target),
              ...keyboard(message),
              link_preview_options: { is_disabled: true },
            },
            grammySignal,
          ),
        signal,
      ),
    ),
  );
}

/** An edit that changes nothing counts as successful, because it may be a retry. */
async function editText(
  target: SendTarget,
  message: OutboundOf<'edit'>,
  context: SendContext,
): Promise<Receipt> {
  const { client, clock, signal } = context;
  const edit = ({ text, mode }: Formatted): Promise<unknown> =>
    inTurn(chatIdOf(target, context), context, (chatId) =>
      client.call(
        'editMessageText',
        (api, grammySignal) =>
          api.editMessageText(
            {
              chat_id: chatId,
              message_id: Number(message.messageId),
              text,
              ...mode,
              ...keyboard(message),
              link_preview_options: { is_disabled: true },
            },
            grammySignal,
          ),
        signal,
      ),
    );
  try {
    await formatted(message.text, TEXT_LIMIT, edit);
  } catch (error) {
    if (!isUnchanged(error)) throw error;
  }
  return { messageId: message.messageId, sentAt: clock.now() };
}

/** A text too long for a caption is sent after the file. */
async function sendFile(
  target: SendTarget,
  message: OutboundOf<'file'>,
  context: SendContext,
): Promise<Receipt> {
  const { caption = '', buttons, key } = message;
  const isTooLong = Math.min(renderHtml(caption).length, cleanText(caption).length) > CAPTION_LIMIT;
  if (!isTooLong) return sendWithCaption(target, message, context);
  const { caption: _long, buttons: _later, ...bare } = message;
  await sendWithCaption(target, bare, context);
  let receipt: Receipt | undefined;
  const texts = splitText(caption, TEXT_LIMIT);
  for (const [index, text] of texts.entries()) {
    const last = index === texts.length - 1 && buttons !== undefined ? { buttons } : {};
    receipt = await sendText(target, { type: 'text', key: `${key}#${index}`, text, ...last }, context);
  }
  return receipt ?? { sentAt: context.clock.now() };
}

/** A picture that Telegram does not accept as a photo is sent as a file. */
async function sendWithCaption(
  target: SendTarget,
  message: OutboundOf<'file'>,
  context: SendContext,
): Promise<Receipt> {
  const { kind, bytes } = message;
  if (kind !== 'image') return sendAs(kind, target, message, context);
  if (bytes.byteLength > PHOTO_LIMIT) return sendAs('document', target, message, context);
  try {
    return await sendAs(kind, target, message, context);
  } catch (error) {
    if (!isNoPhoto(error)) throw error;
    return sendAs('document', target, message, context);
  }
}

async function sendAs(
  kind: OutboundOf<'file'>['kind'],
  target: SendTarget,
  message: OutboundOf<'file'>,
  context: SendContext,
): Promise<Receipt> {
  const { client, signal } = context;
  const file = await uploadOf(message);
  return formatted(message.caption ?? '', CAPTION_LIMIT, ({ text, mode }) => {
    const common = {
      ...(text === '' ? {} : { caption: text, ...mode }),
      ...addressing(target),
      ...keyboard(message),
    };
    return sentTo(target, 'sendFile', context, (chatId) =>
      client.call(
        'sendFile',
        (api, grammySignal): Promise<unknown> => {
          switch (kind) {
            case 'image':
              return api.sendPhoto({ chat_id: chatId, photo: file, ...common }, grammySignal);
            case 'voice':
              return api.sendVoice({ chat_id: chatId, voice: file, ...common }, grammySignal);
            case 'audio':
              return api.sendAudio({ chat_id: chatId, audio: file, ...common }, grammySignal);
            case 'video':
              return api.sendVideo({ chat_id: chatId, video: file, ...common }, grammySignal);
            case 'sticker':
              return api.sendSticker({ chat_id: chatId, sticker: file, ...addressing(target) }, grammySignal);
            case 'document':
              return api.sendDocument({ chat_id: chatId, document: file, ...common }, grammySignal);
            default:
              return kind satisfies never;
          }
        },
        signal,
      ),
    );
  });
}

async function react(
  target: SendTarget,
  { messageId, emoji }: OutboundOf<'reaction'>,
  context: SendContext,
): Promise<Receipt> {
  const { client, clock, signal } = context;
  // Telegram refuses emoji it does not offer; its list changes, so we do not keep one.
  const reaction = emoji === '' ? [] : [{ type: 'emoji', emoji } as ReactionTypeEmoji];
  await followingMigration(chatIdOf(target, context), context, (chatId) =>
    client.call(
      'setMessageReaction',
      (api, grammySignal) =>
        api.setMessageReaction({ chat_id: chatId, message_id: Number(messageId), reaction }, grammySignal),
      signal,
    ),
  );
  return { sentAt: clock.now() };
}

async function sentTo(
  target: SendTarget,
  method: string,
  context: SendContext,
  call: (chatId: number | string) => Promise<unknown>,
): Promise<Receipt> {
  const chatId = chatIdOf(target, context);
  // This process may not have received the question itself.
  if (target.replyToMessageId !== undefined)
    context.messageIds.record(chatId, Number(target.replyToMessageId));
  const beganMs = context.clock.monotonicMs();
  const parsed = sentMessageSchema.safeParse(await inTurn(chatId, context, call));
  if (!parsed.success) throw new TelegramError('unreachable', `${method}: an answer that is not a message`);
  context.messageIds.recordSend(chatId, parsed.data.message_id, beganMs);
  return { messageId: String(parsed.data.message_id), sentAt: new Date(parsed.data.date * 1000) };
}

async function showTyping(target: SendTarget, context: SendContext): Promise<Receipt> {
  const { client, clock, signal } = context;
  // Telegram shows no typing in the direct messages of a channel, and refuses the call.
  if (isOfChannel(target.chat) || signal.aborted) return { sentAt: clock.now() };
  // The answer may be ready before the call has ended, but a refusal that is never read leaves a wait unknown.
  const unbroken = new AbortController().signal;
  const call = (chatId: number | string) =>
    client.call(
      'sendChatAction',
      (api, grammySignal) =>
        api.sendChatAction({ chat_id: chatId, action: 'typing', ...threadOf(target) }, grammySignal),
      unbroken,
    );
  await untilAborted(followingMigration(chatIdOf(target, context), context, call), signal).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error;
    },
  );
  return { sentAt: clock.now() };
}

/** A query that is already answered or too old no longer needs an acknowledgement. */
async function acknowledge(
  token: string,
  text: string | undefined,
  { client, clock, waits, signal }: SendContext,
): Promise<Receipt> {
  const answerQuery = () =>
    client.call(
      'answerCallbackQuery',
      (api, grammySignal) =>
        api.answerCallbackQuery(
          { callback_query_id: token, ...(text === undefined ? {} : { text: shorten(text, MAX_TOAST) }) },
          grammySignal,
        ),
      signal,
    );
  try {
    await waits.duringUnaddressed(answerQuery);
  } catch (error) {
    if (!isTooOld(error)) throw error;
  }
  return { sentAt: clock.now() };
}

/** Longest text Telegram shows for a pressed button. */
const MAX_TOAST = 200;

/** Calls that are visible in the chat count towards Telegram's limits. */
function inTurn<T>(
  chatId: number | string,
  context: SendContext,
  call: (chatId: number | string) => Promise<T>,
): Promise<T> {
  const { pace, signal } = context;
  return pace.during(chatId, signal, () => followingMigration(chatId, context, call));
}

/** A group that became a supergroup refuses the call and reports its new id; the call is repeated with it. */
async function followingMigration<T>(
  chatId: number | string,
  { waits, moved }: SendContext,
  call: (chatId: number | string) => Promise<T>,
): Promise<T> {
  try {
    return await waits.during(chatId, () => call(chatId));
  } catch (error) {
    if (!(error instanceof TelegramError) || error.facts.migratedTo === undefined) throw error;
    const { migratedTo } = error.facts;
    moved.moved(String(chatId), String(migratedTo));
    return waits.during(migratedTo, () => call(migratedTo));
  }
}

/** Ids are numbers in the API; anything else is left for Telegram to refuse. */
export function chatIdOf({ chat }: SendTarget, { moved }: Pick<SendContext, 'moved'>): number | string {
  const chatId = moved.currentOf(chat.chatId);
  const id = Number(chatId);
  return Number.isSafeInteger(id) ? id : chatId;
}

function threadOf({ chat }: SendTarget): { message_thread_id?: number; direct_messages_topic_id?: number } {
  const topicId = Number(chat.topicId);
  if (chat.topicId === undefined) return {};
  return isOfChannel(chat) ? { direct_messages_topic_id: topicId } : { message_thread_id: topicId };
}

/** A person's topic in the direct messages of a channel: their own chat, inside one with a group's id. */
function isOfChannel({ kind, topicId, chatId }: SendTarget['chat']): boolean {
  return kind === 'direct' && topicId !== undefined && Number(chatId) < 0;
}

function addressing(target: SendTarget) {
  return { ...threadOf(target), ...replyTo(target) };
}

function replyTo({ replyToMessageId }: SendTarget) {
  if (replyToMessageId === undefined) return {};
  return { reply_parameters: { message_id: Number(replyToMessageId), allow_sending_without_reply: true } };
}

export function keyboard({ buttons }: Pick<TextMessage, 'buttons'>) {
  if (buttons === undefined || buttons.length === 0) return {};
  const rows = buttons.map((row) => row.map(({ label, action }) => ({ text: label, callback_data: action })));
  return { reply_markup: { inline_keyboard: rows } };
}

function isEntityError(error: unknown): boolean {
  return error instanceof TelegramError && /can't parse entities/i.test(error.facts.description ?? '');
}

function isNoPhoto(error: unknown): boolean {
  return (
    error instanceof TelegramError &&
    /photo_invalid|image_process_failed|photo_ext_invalid|photo_save_file_invalid/i.test(
      error.facts.description ?? '',
    )
  );
}

function isUnchanged(error: unknown): boolean {
  return error instanceof TelegramError && /message is not modified/i.test(error.facts.description ?? '');
}

function isTooOld(error: unknown): boolean {
  return (
    error instanceof TelegramError &&
    /query is too old|query_id_invalid|query id is invalid/i.test(error.facts.description ?? '')
  );
}
