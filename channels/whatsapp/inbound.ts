import type { ChatAddress, InboundEvent, Reception, Sender } from '../../src/contracts/channel.js';
import type { QuotedMessage } from '../../src/contracts/message.js';
import { parseCommand } from '../../src/lib/text/parse-command.js';
import { isAddressed, withoutMention } from './inbound/addressed.js';
import { unwrap, updateSchema, type Content, type WhatsAppUpdate } from './inbound/message-schema.js';
import { contextOf, filesOf, partsOf, textOf } from './inbound/parts.js';
import { isGroup, isPublication, isSamePerson, personIds, type PersonIds } from './jid.js';

/** `ProtocolMessage.Type` values, copied so that the library need not be loaded. */
const REVOKE = 0;
const MESSAGE_EDIT = 14;

/** The decoded circumstances of a message. */
interface Facts {
  readonly update: WhatsAppUpdate;
  readonly messageId: string;
  readonly chat: ChatAddress;
  readonly me: PersonIds;
  readonly base: Pick<InboundEvent, 'eventId' | 'sequence' | 'sentAt' | 'wasKept' | 'chat' | 'sender'>;
}

/** Decodes a message from the connection into a neutral event. Never throws. */
export function decodeUpdate(raw: unknown): Reception {
  const parsed = updateSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { type: 'rejected', reason: `not a message: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}` };
  }
  const update = parsed.data;
  const { key, messageStubType } = update.message;
  if (isPublication(key.remoteJid)) return ignored('a status update or a broadcast');
  const chatId = update.chatId ?? undefined;
  if (chatId === undefined) return ignored('a chat without a person or group');
  const content = unwrap(update.message.message);
  if (content === undefined) {
    return ignored(
      typeof messageStubType === 'number' || key.isViewOnce === true
        ? 'not readable yet'
        : 'a message without content',
    );
  }
  return decodeContent(content, factsOf(update, chatId));
}

function factsOf(update: WhatsAppUpdate, chatId: string): Facts {
  const { key, messageTimestamp, pushName } = update.message;
  const senderId = update.senderId ?? chatId;
  const me: PersonIds = {
    ...(update.me.pn === undefined ? {} : { pn: update.me.pn }),
    ...(update.me.lid === undefined ? {} : { lid: update.me.lid }),
  };
  const chat: ChatAddress = { chatId, kind: isGroup(key.remoteJid) ? 'group' : 'direct' };
  const sender: Sender = {
    id: senderId,
    ...(pushName && key.fromMe !== true ? { name: pushName } : {}),
    isBot: false,
  };
  const sentAt = typeof messageTimestamp === 'number' ? messageTimestamp * 1000 : update.receivedAt;
  return {
    update,
    messageId: key.id,
    chat,
    me,
    // Ids are unique only per sender; including the sender prevents one person from making us drop another's
    // message.
    base: {
      eventId: `${senderId}:${key.id}`,
      sequence: update.arrival,
      sentAt: new Date(sentAt),
      ...(update.wasKept === true ? { wasKept: true } : {}),
      chat,
      sender,
    },
  };
}

function decodeContent(content: Content, facts: Facts): Reception {
  const isOurs = facts.update.message.key.fromMe === true;
  if (content.protocolMessage) return decodeProtocol(content.protocolMessage, isOurs, facts);
  if (content.reactionMessage) return decodeReaction(content.reactionMessage, isOurs, facts);
  return isOurs ? decodeOwn(content, facts) : decodeMessage(content, facts);
}

/** A message the owner wrote on the phone or on another linked device. */
function decodeOwn(content: Content, { base, messageId, chat, me }: Facts): Reception {
  if (chat.kind === 'direct' && isSamePerson(personIds(chatJid(chat.chatId)), me)) {
    return ignored('a note to oneself');
  }
  const parts = partsOf(content);
  if (parts.length === 0) return ignored('our own message without text or file');
  return event({ ...base, type: 'own-message', messageId, parts });
}

function decodeMessage(content: Content, facts: Facts): Reception {
  const { base, messageId, chat, me } = facts;
  const context = contextOf(content);
  const addressed = chat.kind === 'direct' || isAddressed(textOf(content), context, me);
  const parts = partsOf(content).map((part) =>
    part.type === 'text' && chat.kind === 'group' ? { ...part, text: withoutMention(part.text, me) } : part,
  );
  if (parts.length === 0) return ignored('a message without anything to answer');
  const [first] = parts;
  const command = first?.type === 'text' ? parseCommand(first.text) : undefined;
  if (command) {
    const { name, argumentText } = command;
    const files = filesOf(content);
    return event({ ...base, type: 'command', messageId, name, argumentText, files, addressed });
  }
  const quoted = quotedOf(content, facts);
  const albumId = content.messageContextInfo?.messageAssociation?.parentMessageKey?.id;
  return event({
    ...base,
    type: 'message',
    messageId,
    parts,
    addressed,
    ...(quoted?.messageId === undefined ? {} : { replyToMessageId: quoted.messageId }),
    ...(quoted === undefined ? {} : { quoted }),
    ...(albumId ? { albumId } : {}),
  });
}

function decodeProtocol(
  protocol: NonNullable<Content['protocolMessage']>,
  isOurs: boolean,
  { base, chat, me }: Facts,
): Reception {
  const messageId = protocol.key?.id;
  if (isOurs || !messageId) return ignored('a message between devices');
  if (protocol.type === REVOKE) return event({ ...base, type: 'delete', messageId });
  if (protocol.type !== MESSAGE_EDIT) return ignored('a message between devices');
  const content = unwrap(protocol.editedMessage);
  const parts = content === undefined ? [] : partsOf(content);
  if (content === undefined || parts.length === 0) return ignored('an edit without text or file');
  const addressed = chat.kind === 'direct' || isAddressed(textOf(content), contextOf(content), me);
  return event({ ...base, type: 'edit', messageId, parts, addressed });
}

function decodeReaction(
  reaction: NonNullable<Content['reactionMessage']>,
  isOurs: boolean,
  { base }: Facts,
): Reception {
  const messageId = reaction.key?.id;
  if (isOurs || !messageId) return ignored('our own reaction');
  return event({ ...base, type: 'reaction', messageId, emoji: reaction.text ?? '' });
}

function quotedOf(content: Content, { update, me }: Facts): QuotedMessage | undefined {
  const context = contextOf(content);
  if (!context?.stanzaId) return undefined;
  const { key } = update.message;
  const author = personIds(context.participant);
  const quoted = unwrap(context.quotedMessage);
  const isSender = isSamePerson(author, personIds(key.participant, key.remoteJid));
  return {
    messageId: context.stanzaId,
    from: isSamePerson(author, me) ? 'bot' : isSender ? 'sender' : 'other',
    parts: quoted === undefined ? [] : partsOf(quoted),
  };
}

function chatJid(chatId: string): string {
  return /^\d+$/.test(chatId) ? `${chatId}@s.whatsapp.net` : chatId;
}

function event(decoded: InboundEvent): Reception {
  return { type: 'event', event: decoded };
}

function ignored(reason: string): Reception {
  return { type: 'ignored', reason };
}
