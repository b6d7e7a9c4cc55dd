import type { z } from 'zod';
import type { Reception } from '../../../src/contracts/channel.js';
import { botIdOf, type DiscordConfig } from '../config.js';
import { sequenceAt, timeOf } from '../snowflake.js';
import {
  deletionSchema,
  dispatchSchema,
  interactionSchema,
  messageSchema,
  reactionSchema,
  type DispatchContext,
} from './dispatch-schema.js';
import { decodeInteraction } from './interaction.js';
import { decodeEdit, decodeMessage, event, ignored } from './message.js';

/** Decodes a gateway dispatch into a neutral event. Pure, never throws. */
export function decodeDispatch(raw: unknown, config: DiscordConfig, receivedAt: Date): Reception {
  const parsed = dispatchSchema.safeParse(raw);
  if (!parsed.success) return notA('dispatch', parsed.error);
  const { t, d, s, known: gatewayContext } = parsed.data;
  const botId = gatewayContext?.botId ?? botIdOf(config);
  const context: DispatchContext = { ...gatewayContext, ...(botId === undefined ? {} : { botId }) };
  switch (t) {
    case 'MESSAGE_CREATE':
      return decode(messageSchema, d, (message) => decodeMessage(message, context, config));
    case 'MESSAGE_UPDATE':
      // Discord leaves out unchanged fields; an update without an author is not a person's edit.
      return hasAuthor(d)
        ? decode(messageSchema, d, (message) => decodeEdit(message, context, config))
        : ignored('a message that was not edited');
    case 'MESSAGE_DELETE':
      return decode(deletionSchema, d, (deletion) => decodeDeletion(deletion, context, receivedAt));
    case 'MESSAGE_REACTION_ADD':
    case 'MESSAGE_REACTION_REMOVE':
      return decode(reactionSchema, d, (reaction) =>
        decodeReaction(
          reaction,
          { isTakenBack: t === 'MESSAGE_REACTION_REMOVE', number: s ?? 0 },
          context,
          receivedAt,
        ),
      );
    case 'INTERACTION_CREATE':
      return decode(interactionSchema, d, (interaction) => decodeInteraction(interaction, config));
    default:
      return ignored('a kind of event we do not use');
  }
}

function decode<T>(schema: z.ZodType<T>, data: unknown, make: (value: T) => Reception): Reception {
  const parsed = schema.safeParse(data);
  return parsed.success ? make(parsed.data) : notA('event', parsed.error);
}

function notA(what: string, error: z.ZodError): Reception {
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return { type: 'rejected', reason: `not a valid ${what}: ${place} ${issue?.code ?? ''}` };
}

/**
 * Discord does not say who deleted a message; only its author and moderators can, so we assume the author.
 */
function decodeDeletion(
  { id, channel_id: chatId, guild_id: guildId }: z.output<typeof deletionSchema>,
  { authorId, botId }: DispatchContext,
  receivedAt: Date,
): Reception {
  if (authorId === undefined || authorId === botId) return ignored('a deletion of a message we do not know');
  return event({
    type: 'delete',
    eventId: `${id}:delete`,
    sequence: sequenceAt(receivedAt),
    sentAt: receivedAt,
    chat: { chatId, kind: guildId ? 'group' : 'direct' },
    sender: { id: authorId, isBot: false },
    ...(guildId ? { workspaceId: guildId } : {}),
    messageId: id,
  });
}

/** `number` is the dispatch's sequence number: the same reaction may be added more than once. */
function decodeReaction(
  reaction: z.output<typeof reactionSchema>,
  { isTakenBack, number }: { readonly isTakenBack: boolean; readonly number: number },
  { authorId, botId }: DispatchContext,
  receivedAt: Date,
): Reception {
  const { user_id: userId, message_id: messageId, channel_id: chatId, guild_id: guildId, emoji } = reaction;
  if (userId === botId) return ignored('our own reaction');
  if (botId === undefined || (reaction.message_author_id ?? authorId) !== botId) {
    return ignored('a reaction to somebody else’s message');
  }
  const sign = isTakenBack ? '-' : '+';
  return event({
    type: 'reaction',
    eventId: `${messageId}:${userId}:${sign}${emoji.name ?? emoji.id ?? ''}:${number}`,
    sequence: sequenceAt(receivedAt),
    sentAt: new Date(Math.max(receivedAt.getTime(), timeOf(messageId).getTime())),
    chat: { chatId, kind: guildId ? 'group' : 'direct' },
    sender: { id: userId, isBot: reaction.member?.user?.bot === true },
    ...(guildId ? { workspaceId: guildId } : {}),
    messageId,
    emoji: isTakenBack ? '' : (emoji.name ?? ''),
  });
}

function hasAuthor(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'author' in data;
}
