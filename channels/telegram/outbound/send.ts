import { z } from 'zod';
import type { OutboundMessage, Receipt, SendTarget } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { cleanText } from '../../../src/lib/clean-text.js';
import type { TelegramClient } from '../client.js';
import { renderHtml, TEXT_LIMIT } from '../render.js';
import { TelegramError } from '../telegram-error.js';

export interface SendContext {
  readonly client: TelegramClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type TextMessage = Extract<OutboundMessage, { type: 'text' }>;

const sentMessageSchema = z.object({ message_id: z.int(), date: z.int().min(0).max(8_640_000_000_000) });

/** Puts one message into a chat. Throws only `ChannelError`. */
export async function sendMessage(
  target: SendTarget,
  message: OutboundMessage,
  context: SendContext,
): Promise<Receipt> {
  switch (message.type) {
    case 'text':
      return sendText(target, message, context);
    case 'typing':
      return showTyping(target, context);
    case 'acknowledge':
      return acknowledge(message.interactionToken, message.text, context);
    default:
      return message satisfies never;
  }
}

/** HTML where Telegram takes it; the source as plain text where it does not. */
async function sendText(target: SendTarget, message: TextMessage, context: SendContext): Promise<Receipt> {
  const rendered = renderHtml(message.text);
  // Tables grow when their columns are lined up: rather unformatted than refused.
  if (rendered.length === 0 || rendered.length > TEXT_LIMIT) return post(target, message, undefined, context);
  try {
    return await post(target, message, rendered.html, context);
  } catch (error) {
    if (!isEntityError(error)) throw error;
    return post(target, message, undefined, context);
  }
}

async function post(
  target: SendTarget,
  message: TextMessage,
  html: string | undefined,
  context: SendContext,
): Promise<Receipt> {
  const payload = {
    ...(html === undefined ? { text: cleanText(message.text) } : { text: html, parse_mode: 'HTML' as const }),
    ...threadOf(target),
    ...replyTo(target),
    ...keyboard(message),
    link_preview_options: { is_disabled: true },
  };
  const call = (chatId: number | string) =>
    context.client.call(
      'sendMessage',
      (api, signal) => api.sendMessage({ chat_id: chatId, ...payload }, signal),
      context.signal,
    );
  const sent = sentMessageSchema.safeParse(await followingMigration(chatIdOf(target), call));
  if (!sent.success) throw new TelegramError('unreachable', 'sendMessage: an answer that is not a message');
  return { messageId: String(sent.data.message_id), sentAt: new Date(sent.data.date * 1000) };
}

async function showTyping(target: SendTarget, { client, clock, signal }: SendContext): Promise<Receipt> {
  const call = (chatId: number | string) =>
    client.call(
      'sendChatAction',
      (api, grammySignal) =>
        api.sendChatAction({ chat_id: chatId, action: 'typing', ...threadOf(target) }, grammySignal),
      signal,
    );
  await followingMigration(chatIdOf(target), call);
  return { sentAt: clock.now() };
}

/** A query that is answered already or too old has nothing left to acknowledge. */
async function acknowledge(
  token: string,
  text: string | undefined,
  { client, clock, signal }: SendContext,
): Promise<Receipt> {
  try {
    await client.call(
      'answerCallbackQuery',
      (api, grammySignal) =>
        api.answerCallbackQuery(
          { callback_query_id: token, ...(text === undefined ? {} : { text: text.slice(0, MAX_TOAST) }) },
          grammySignal,
        ),
      signal,
    );
  } catch (error) {
    if (!isTooOld(error)) throw error;
  }
  return { sentAt: clock.now() };
}

/** Longest text Telegram shows for a pressed button. */
const MAX_TOAST = 200;

/** A group that became a supergroup answers once with its new id. */
async function followingMigration<T>(
  chatId: number | string,
  call: (chatId: number | string) => Promise<T>,
): Promise<T> {
  try {
    return await call(chatId);
  } catch (error) {
    if (!(error instanceof TelegramError) || error.facts.migratedTo === undefined) throw error;
    return call(error.facts.migratedTo);
  }
}

/** Ids are numbers on the wire; anything else is left for Telegram to refuse. */
export function chatIdOf({ chat }: SendTarget): number | string {
  const id = Number(chat.chatId);
  return Number.isSafeInteger(id) ? id : chat.chatId;
}

function threadOf({ chat }: SendTarget): { message_thread_id?: number } {
  return chat.topicId === undefined ? {} : { message_thread_id: Number(chat.topicId) };
}

function replyTo({ replyToMessageId }: SendTarget) {
  if (replyToMessageId === undefined) return {};
  return { reply_parameters: { message_id: Number(replyToMessageId), allow_sending_without_reply: true } };
}

function keyboard({ buttons }: TextMessage) {
  if (buttons === undefined || buttons.length === 0) return {};
  const rows = buttons.map((row) => row.map(({ label, action }) => ({ text: label, callback_data: action })));
  return { reply_markup: { inline_keyboard: rows } };
}

function isEntityError(error: unknown): boolean {
  return error instanceof TelegramError && /can't parse entities/i.test(error.facts.description ?? '');
}

function isTooOld(error: unknown): boolean {
  return (
    error instanceof TelegramError &&
    /query is too old|query_id_invalid|query id is invalid/i.test(error.facts.description ?? '')
  );
}
