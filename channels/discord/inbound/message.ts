import type { InboundEvent, Reception, Sender } from '../../../src/contracts/channel.js';
import type { MessagePart, QuotedMessage } from '../../../src/contracts/message.js';
import { parseCommand } from '../../../src/lib/text/parse-command.js';
import { staffSign, type DiscordConfig } from '../config.js';
import { sequenceAt, sequenceOf, timeOf } from '../snowflake.js';
import { nameOf, partsOf } from './content.js';
import type { DiscordMessage, DispatchContext } from './dispatch-schema.js';

/** Message types written by people (default and reply); all others come from Discord itself. */
const WRITTEN_BY_PEOPLE = [0, 19];
/** Reference type of a forwarded message. */
const FORWARD = 1;

/** The reason for ignoring a message when the Message Content intent appears to be off. */
export const WITHOUT_CONTENT = 'a message without content: the Message Content intent is off';

type Settings = Pick<DiscordConfig, 'channels' | 'forumPosts' | 'staffRoles'>;

export function decodeMessage(
  message: DiscordMessage,
  context: DispatchContext,
  settings: Settings,
): Reception {
  const refusal = reasonToIgnore(message, context);
  if (refusal !== undefined) return ignored(refusal);
  const parts = contentParts(message, context);
  const base = baseOf(message, settings);
  const addressed = isAddressed(message, context, settings);
  if (parts.length === 0)
    return ignored(isMuted(message, context) ? WITHOUT_CONTENT : 'a message without content');
  const [text] = parts;
  const command = text?.type === 'text' ? parseCommand(text.text) : undefined;
  if (command !== undefined && command.bot === undefined) {
    return event({
      ...base,
      type: 'command',
      messageId: message.id,
      name: command.name,
      argumentText: command.argumentText,
      files: parts.flatMap((part) => (part.type === 'file' ? [part] : [])),
      addressed,
    });
  }
  const replyTo = message.type === 19 ? message.message_reference?.message_id : undefined;
  const quoted = quotedOf(message, context);
  return event({
    ...base,
    type: 'message',
    messageId: message.id,
    parts,
    addressed,
    ...(replyTo ? { replyToMessageId: replyTo } : {}),
    ...(quoted === undefined ? {} : { quoted }),
  });
}

/** Discord also sends an update after resolving a message's links, which is not an edit. */
export function decodeEdit(message: DiscordMessage, context: DispatchContext, settings: Settings): Reception {
  const refusal = reasonToIgnore(message, context);
  if (refusal !== undefined) return ignored(refusal);
  if (!message.edited_timestamp) return ignored('a message that was not edited');
  const parts = contentParts(message, context);
  if (parts.length === 0) return ignored('an edit without content');
  const editedAt = new Date(message.edited_timestamp);
  return event({
    ...baseOf(message, settings),
    type: 'edit',
    eventId: `${message.id}:edit:${editedAt.getTime()}`,
    sequence: sequenceAt(editedAt),
    sentAt: editedAt,
    messageId: message.id,
    parts,
    addressed: isAddressed(message, context, settings),
  });
}

function reasonToIgnore(message: DiscordMessage, { botId }: DispatchContext): string | undefined {
  if (message.author.id === botId) return 'our own message';
  if (message.webhook_id) return 'a message of a webhook';
  if (!WRITTEN_BY_PEOPLE.includes(message.type ?? 0)) return 'a message of Discord itself';
  return undefined;
}

function contentParts(message: DiscordMessage, { botId, botRoleIds = [] }: DispatchContext): MessagePart[] {
  const place = { channelId: message.channel_id, messageId: message.id };
  const ownParts = partsOf(message, place, botId === undefined ? botRoleIds : [botId, ...botRoleIds]);
  const forwarded = message.message_reference?.type === FORWARD ? (message.message_snapshots ?? []) : [];
  return [...ownParts, ...forwarded.flatMap((snapshot) => partsOf(snapshot.message, place))];
}

/** Whether a person's message in a guild arrived empty because we may not read its content. */
function isMuted(message: DiscordMessage, context: DispatchContext): boolean {
  const isEmpty = [message.embeds, message.components, message.message_snapshots].every(
    (list) => !list?.length,
  );
  return (
    Boolean(message.guild_id) && message.author.bot !== true && isEmpty && !isMentioned(message, context)
  );
}

function baseOf(message: DiscordMessage, settings: Settings) {
  const { id, channel_id: chatId, guild_id: guildId } = message;
  return {
    eventId: id,
    sequence: sequenceOf(id),
    sentAt: timeOf(id),
    chat: { chatId, kind: guildId ? ('group' as const) : ('direct' as const) },
    sender: senderOf(message, settings),
    ...(guildId ? { workspaceId: guildId } : {}),
  };
}

function senderOf({ author, member }: DiscordMessage, settings: Settings): Sender {
  const name = member?.nick || nameOf(author);
  const sender = { id: author.id, ...(name ? { name } : {}), isBot: author.bot === true };
  return { ...sender, ...staffSign(settings, member?.roles) };
}

/** Whether the message is meant for the bot; in a guild the bot is one of many listeners. */
function isAddressed(
  message: DiscordMessage,
  context: DispatchContext,
  { channels, forumPosts }: Settings,
): boolean {
  if (!message.guild_id || isMentioned(message, context)) return true;
  const { botId, thread } = context;
  if (botId !== undefined && message.referenced_message?.author.id === botId) return true;
  if (channels.includes(message.channel_id)) return true;
  if (thread === undefined) return false;
  if (thread.parentId !== undefined && channels.includes(thread.parentId)) return true;
  if (thread.ownerId === undefined) return false;
  if (thread.ownerId === botId) return true;
  return forumPosts === 'answer' && thread.isPost && thread.ownerId === message.author.id;
}

function isMentioned(message: DiscordMessage, { botId, botRoleIds = [] }: DispatchContext): boolean {
  if (botId !== undefined && (message.mentions ?? []).some(({ id }) => id === botId)) return true;
  return (message.mention_roles ?? []).some((role) => botRoleIds.includes(role));
}

function quotedOf(
  { author, referenced_message: quoted }: DiscordMessage,
  context: DispatchContext,
): QuotedMessage | undefined {
  if (!quoted) return undefined;
  const from =
    quoted.author.id === context.botId ? 'bot' : quoted.author.id === author.id ? 'sender' : 'other';
  const name = nameOf(quoted.author);
  return {
    messageId: quoted.id,
    from,
    ...(from === 'other' && name !== undefined ? { name } : {}),
    parts: partsOf(quoted, { messageId: quoted.id }),
  };
}

export function ignored(reason: string): Reception {
  return { type: 'ignored', reason };
}

export function event(decoded: InboundEvent): Reception {
  return { type: 'event', event: decoded };
}
