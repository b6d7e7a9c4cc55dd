import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ChannelError,
  type OutboundMessage,
  type Receipt,
  type SendTarget,
} from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import type { DiscordClient } from '../client.js';
import { toComponents } from '../components.js';
import type { OutgoingFile } from '../discord-call.js';
import { CODES, DiscordError, hasCode } from '../discord-error.js';
import { isAlive, parseInteractionToken, type InteractionCall } from '../interaction-token.js';
import { renderMarkdown, renderMessages, TEXT_LIMIT } from '../render.js';
import { snowflakeSchema } from '../snowflake.js';
import { acknowledge, HIDDEN } from './acknowledge.js';

export interface SendContext {
  readonly client: DiscordClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Resolves when this process has given the first response to an interaction. */
  acknowledged(interactionToken: string): Promise<void>;
}

type OutboundOf<Type extends OutboundMessage['type']> = Extract<OutboundMessage, { type: Type }>;

/** Longest nonce Discord accepts. */
const NONCE_LENGTH = 25;
/** Prevents previews of links that we send. */
const SUPPRESS_EMBEDS = 4;
/** Mentions nobody, so that the bot's messages notify no one. */
const NOBODY = { parse: [], replied_user: false };
/** Waits between attempts to write in a forum post whose author has not written in it yet, in ms. */
const POST_WAITS_MS = [500, 1_000, 2_000, 4_000];
/**
 * Waits for a first response that another process may still be sending, in ms; it is due within three
 * seconds.
 */
const SIGN_WAITS_MS = [100, 200, 400, 800, 1_500];

const sentSchema = z.object({ id: snowflakeSchema, timestamp: z.iso.datetime({ offset: true }) });

/** One message as Discord accepts it. */
export interface Payload {
  readonly content: string;
  readonly components: readonly unknown[];
  readonly flags?: number;
  readonly file?: OutgoingFile;
}

/** Sends one message to a chat. Throws only `ChannelError`. */
export async function sendMessage(
  target: SendTarget,
  message: OutboundMessage,
  context: SendContext,
): Promise<Receipt> {
  switch (message.type) {
    case 'text':
      return sendAll(target, message.key, textPayloads(message), context);
    case 'file':
      return sendAll(target, message.key, filePayloads(message), context);
    case 'edit':
      return editText(target, message, context);
    case 'reaction':
      return react(target, message, context);
    case 'typing':
      await context.client.call({ method: 'POST', path: `${channelPath(target)}/typing` }, context.signal);
      return { sentAt: context.clock.now() };
    case 'acknowledge':
      return acknowledge(message, context);
    default:
      return message satisfies never;
  }
}

function textPayloads({ text, buttons }: OutboundOf<'text'>): readonly Payload[] {
  const texts = renderMessages(text);
  return texts.map((content, index) => ({
    content,
    components: index === texts.length - 1 ? toComponents(buttons) : [],
    flags: SUPPRESS_EMBEDS,
  }));
}

function filePayloads({
  caption,
  buttons,
  fileName,
  mediaType,
  bytes,
}: OutboundOf<'file'>): readonly Payload[] {
  const [content = '', ...rest] = renderMessages(caption ?? '');
  const file = { name: fileName, mediaType, bytes };
  const first = { content, components: toComponents(buttons), file };
  return [first, ...rest.map((text) => ({ content: text, components: [], flags: SUPPRESS_EMBEDS }))];
}

/** Usually sends a single message. Repeated sends are deduplicated by their nonce. */
async function sendAll(
  target: SendTarget,
  key: string,
  payloads: readonly Payload[],
  context: SendContext,
): Promise<Receipt> {
  let receipt: Receipt | undefined;
  for (const [index, payload] of payloads.entries()) {
    const nonce = nonceOf(`${key}#${index}`);
    receipt = await sendOne({ ...target, ...(index === 0 ? {} : laterOf(target)) }, payload, nonce, context);
  }
  if (receipt === undefined)
    throw new ChannelError('rejected', 'send: there is nothing to see in this message');
  return receipt;
}

function laterOf({ interaction }: SendTarget): Partial<SendTarget> {
  return interaction === undefined ? {} : { interaction: { ...interaction, isFirst: false } };
}

async function sendOne(
  target: SendTarget,
  payload: Payload,
  nonce: string,
  context: SendContext,
): Promise<Receipt> {
  const { interaction } = target;
  const call = interaction === undefined ? undefined : parseInteractionToken(interaction.token);
  const isOpen = interaction !== undefined && isAlive(interaction.receivedAt, context.clock.now());
  if (call === undefined || !isOpen) {
    return postToChannel(await privatePlace(call, target, context), payload, nonce, context);
  }
  await context.acknowledged(interaction.token);
  if (call.kind !== 'press' && interaction.isFirst) {
    const replied = await replyTo(call, payload, context);
    if (replied !== undefined) return replied;
  }
  if (call.kind === 'aside') return sendEphemeral(call, target, payload, nonce, context);
  try {
    return await postToChannel(target, payload, nonce, context);
  } catch (error) {
    // The bot may not write here, but it can still answer the caller.
    if (!hasCode(error, CODES.missingAccess, CODES.missingPermissions)) throw error;
    return followUp(call, payload, context);
  }
}

/**
 * Sends a message that only the caller sees; falls back to their private chat if the interaction has expired.
 */
async function sendEphemeral(
  call: InteractionCall,
  target: SendTarget,
  payload: Payload,
  nonce: string,
  context: SendContext,
): Promise<Receipt> {
  try {
    return await followUp(call, asEphemeral(payload), context);
  } catch (error) {
    if (!hasCode(error, CODES.unknownWebhook, CODES.invalidWebhookToken)) throw error;
    return postToChannel(await privatePlace(call, target, context), payload, nonce, context);
  }
}

/**
 * Once the interaction has expired, a message for one person goes to their private chat, not to the channel.
 */
async function privatePlace(
  call: InteractionCall | undefined,
  target: SendTarget,
  { client, signal }: SendContext,
): Promise<SendTarget> {
  if (call?.callerId === undefined) return target;
  const body = { recipient_id: call.callerId };
  const opened = await client.call({ method: 'POST', path: '/users/@me/channels', body }, signal);
  const chat = z.object({ id: snowflakeSchema }).safeParse(opened).data;
  if (chat === undefined) throw new DiscordError('unreachable', 'send: an answer that is not a private chat');
  return { chat: { chatId: chat.id, kind: 'direct' } };
}

function asEphemeral(payload: Payload): Payload {
  return { ...payload, flags: (payload.flags ?? 0) | HIDDEN };
}

/** Fills in the reply that shows "thinking". `undefined`: there is none, so the chat must be written to. */
async function replyTo(
  call: InteractionCall,
  payload: Payload,
  context: SendContext,
): Promise<Receipt | undefined> {
  const path = `/webhooks/${call.applicationId}/${call.token}/messages/@original`;
  for (const waitMs of [...SIGN_WAITS_MS, undefined]) {
    try {
      return await send({ method: 'PATCH', path }, payload, {}, context);
    } catch (error) {
      if (!hasCode(error, CODES.unknownWebhook, CODES.unknownMessage, CODES.invalidWebhookToken)) throw error;
      if (waitMs === undefined || !hasCode(error, CODES.unknownWebhook)) return undefined;
      await sleep(waitMs, context);
    }
  }
  return undefined;
}

function followUp(call: InteractionCall, payload: Payload, context: SendContext): Promise<Receipt> {
  const path = `/webhooks/${call.applicationId}/${call.token}`;
  return send({ method: 'POST', path, query: { wait: 'true' } }, payload, {}, context);
}

async function postToChannel(
  target: SendTarget,
  payload: Payload,
  nonce: string,
  context: SendContext,
): Promise<Receipt> {
  const { replyToMessageId, chat } = target;
  // A private chat has only one other person, so quoting adds nothing.
  const quotes = replyToMessageId !== undefined && chat.kind === 'group';
  const reference = quotes
    ? { message_reference: { message_id: replyToMessageId, fail_if_not_exists: false } }
    : {};
  const fields = { nonce, enforce_nonce: true, ...reference };
  const path = `${channelPath(target)}/messages`;
  for (const waitMs of [...POST_WAITS_MS, undefined]) {
    try {
      return await send({ method: 'POST', path }, payload, fields, context);
    } catch (error) {
      if (waitMs === undefined || !hasCode(error, CODES.postWithoutFirstMessage)) throw error;
      await sleep(waitMs, context);
    }
  }
  throw new DiscordError('rejected', 'send: the post has no first message');
}

async function send(
  call: { method: 'POST' | 'PATCH'; path: string; query?: Record<string, string> },
  { content, components, flags, file }: Payload,
  fields: Readonly<Record<string, unknown>>,
  { client, signal }: Pick<SendContext, 'client' | 'signal'>,
): Promise<Receipt> {
  const body = {
    content,
    components,
    allowed_mentions: NOBODY,
    ...(flags === undefined ? {} : { flags }),
    ...(file === undefined ? {} : { attachments: [{ id: 0, filename: file.name }] }),
    ...fields,
  };
  const files = file === undefined ? {} : { files: [file] };
  const response = sentSchema.safeParse(await client.call({ ...call, body, ...files }, signal));
  if (!response.success) throw new DiscordError('unreachable', 'send: an answer that is not a message');
  return { messageId: response.data.id, sentAt: new Date(response.data.timestamp) };
}

async function editText(
  target: SendTarget,
  { messageId, text, buttons }: OutboundOf<'edit'>,
  { client, clock, signal }: SendContext,
): Promise<Receipt> {
  const { interaction } = target;
  const call = interaction === undefined ? undefined : parseInteractionToken(interaction.token);
  const isAside = call?.kind === 'aside' && isAlive(interaction?.receivedAt ?? new Date(0), clock.now());
  // A message that only one person sees does not exist in the channel.
  const place = isAside ? `/webhooks/${call.applicationId}/${call.token}` : channelPath(target);
  const [content = ''] = renderMessages(text);
  const isCut = content.length < renderMarkdown(text).length && content.length < TEXT_LIMIT;
  const path = `${place}/messages/${encodeURIComponent(messageId)}`;
  const body = {
    content: isCut ? `${content}…` : content,
    components: toComponents(buttons),
    allowed_mentions: NOBODY,
    flags: SUPPRESS_EMBEDS,
  };
  await client.call({ method: 'PATCH', path, body }, signal);
  return { messageId, sentAt: clock.now() };
}

const reactionsSchema = z.object({
  reactions: z
    .array(
      z.object({
        me: z.boolean().nullish(),
        emoji: z.object({ id: z.string().nullish(), name: z.string() }),
      }),
    )
    .nullish(),
});

async function react(
  target: SendTarget,
  { messageId, emoji }: OutboundOf<'reaction'>,
  { client, clock, signal }: SendContext,
): Promise<Receipt> {
  const message = `${channelPath(target)}/messages/${encodeURIComponent(messageId)}`;
  const path = (name: string): string => `${message}/reactions/${encodeURIComponent(name)}/@me`;
  if (emoji !== '') {
    await client.call({ method: 'PUT', path: path(emoji) }, signal);
    return { sentAt: clock.now() };
  }
  const reactions = reactionsSchema.safeParse(await client.call({ method: 'GET', path: message }, signal));
  for (const reaction of reactions.data?.reactions ?? []) {
    const { id, name } = reaction.emoji;
    if (reaction.me === true) {
      await client.call({ method: 'DELETE', path: path(id ? `${name}:${id}` : name) }, signal);
    }
  }
  return { sentAt: clock.now() };
}

/** The nonce for a key, the same every time. */
function nonceOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, NONCE_LENGTH);
}

/** A thread is a channel of its own. */
function channelPath({ chat }: SendTarget): string {
  return `/channels/${encodeURIComponent(chat.topicId ?? chat.chatId)}`;
}

async function sleep(ms: number, { clock, signal }: SendContext): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch {
    throw new DiscordError('unreachable', 'send: given up');
  }
}
