import {
  generateWAMessage,
  proto,
  type AnyMessageContent,
  type MiscMessageGenerationOptions,
  type WAMessage,
  type WAMessageKey,
  type WASocket,
} from '@whiskeysockets/baileys';
import {
  ChannelError,
  type OutboundMessage,
  type Receipt,
  type SendTarget,
} from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { OVER } from '../../../src/lib/time/clock.js';
import { addressOf, idsOfUser, isGroup, phoneJid, type PersonIds } from '../jid.js';
import type { Chats } from '../state/chats.js';
import type { People } from '../state/people.js';
import type { SentMessages } from '../state/sent-messages.js';
import { refusalError, RESTRICTED, toWhatsAppError } from '../whatsapp-error.js';
import { fileContent, textContent } from './content-of.js';
import { messageIdOf } from './message-id.js';
import { OneAtATime, TurnTimeout } from './one-at-a-time.js';
import type { Pacing } from './pacing.js';
import type { Presence } from './presence.js';

/**
 * The server acknowledges a message within a second or two; after this long the outcome is unknown, in ms.
 */
const ACKNOWLEDGED_WITHIN_MS = 15_000;
/** A message that waits longer than this for its turn is tried again later, in ms. */
const TURN_WITHIN_MS = 12_000;
const NEXT_TRY_MS = 2_000;
/** How long the library listens for an acknowledgement, in ms. */
const LISTEN_MS = 60_000;
/** The session of one of the person's devices is out of date, so the device list must be read again. */
const STALE_DEVICES = '479';

export interface SenderDependencies {
  readonly accountId: string;
  readonly socket: WASocket;
  readonly people: People;
  readonly chats: Chats;
  readonly sent: SentMessages;
  readonly pacing: Pacing;
  readonly presence: Presence;
  readonly clock: Clock;
  /** A message a person wrote recently; `undefined` if it is not remembered. */
  recent(messageId: string): WAMessage | undefined;
  completed(ids: PersonIds): Promise<PersonIds>;
  /** Aborts when the connection has ended. */
  readonly closed: AbortSignal;
}

interface Acknowledgement {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
}

interface Relay {
  readonly jid: string;
  readonly id: string;
  readonly message: proto.IMessage;
  readonly attributes?: { readonly edit: string };
}

/** Sends through one open connection. Throws only `ChannelError`. */
export class Sender {
  private readonly line = new OneAtATime(TURN_WITHIN_MS);

  constructor(private readonly deps: SenderDependencies) {}

  async send(target: SendTarget, message: OutboundMessage, signal: AbortSignal): Promise<Receipt> {
    try {
      signal.throwIfAborted();
      return await abortable(this.dispatch(target, message), signal);
    } catch (error) {
      if (error instanceof TurnTimeout) {
        throw new ChannelError('rate-limited', 'send: others go first', { retryAfterMs: NEXT_TRY_MS });
      }
      throw toWhatsAppError('send', error);
    }
  }

  private async dispatch(target: SendTarget, message: OutboundMessage): Promise<Receipt> {
    const { chatId } = target.chat;
    const jid = await this.jidOf(chatId);
    switch (message.type) {
      case 'text':
        return this.put(target, jid, message.key, textContent(message.text));
      case 'file':
        return this.put(target, jid, message.key, fileContent(message));
      case 'edit':
        return this.edit(jid, message);
      case 'reaction':
        return this.react(jid, message);
      case 'typing':
        await this.deps.presence.typing(chatId, jid);
        return { sentAt: this.deps.clock.now() };
      case 'acknowledge':
        return { sentAt: this.deps.clock.now() };
      default:
        return message satisfies never;
    }
  }

  private async put(
    target: SendTarget,
    jid: string,
    key: string,
    content: AnyMessageContent,
  ): Promise<Receipt> {
    const { chats, presence, pacing } = this.deps;
    const { chatId, kind } = target.chat;
    const { heardAt, expiration } = await chats.get(chatId);
    const isStranger = kind === 'direct' && heardAt === undefined;
    await pacing.admit(isStranger);
    if (isStranger) await this.mustExist(jid);
    await presence.read(chatId);
    const quoted =
      target.replyToMessageId === undefined ? undefined : this.deps.recent(target.replyToMessageId);
    const receipt = await this.deliver(jid, key, content, {
      ...(quoted === undefined ? {} : { quoted }),
      ...(expiration === undefined ? {} : { ephemeralExpiration: expiration }),
    });
    await presence.sent(jid);
    return receipt;
  }

  private async edit(jid: string, message: Extract<OutboundMessage, { type: 'edit' }>): Promise<Receipt> {
    const edit: WAMessageKey = { remoteJid: jid, fromMe: true, id: message.messageId };
    const { text } = textContent(message.text);
    await this.deliver(jid, message.key, { text, edit, linkPreview: null }, {}, { edit: '1' });
    return { messageId: message.messageId, sentAt: this.deps.clock.now() };
  }

  private async react(
    jid: string,
    { messageId, emoji }: Extract<OutboundMessage, { type: 'reaction' }>,
  ): Promise<Receipt> {
    const original = this.deps.recent(messageId)?.key;
    const key: WAMessageKey = {
      remoteJid: jid,
      id: messageId,
      fromMe: false,
      ...(original?.participant ? { participant: original.participant } : {}),
    };
    await this.deliver(jid, `reaction ${messageId} ${emoji}`, { react: { text: emoji, key } });
    return { sentAt: this.deps.clock.now() };
  }

  private async deliver(
    jid: string,
    key: string,
    content: AnyMessageContent,
    options: MiscMessageGenerationOptions = {},
    attributes?: { readonly edit: string },
  ): Promise<Receipt> {
    const { socket, sent, accountId } = this.deps;
    const id = messageIdOf(accountId, key);
    const { message } = await generateWAMessage(jid, content, {
      ...options,
      userJid: socket.user?.id ?? '',
      upload: socket.waUploadToServer,
      messageId: id,
    });
    if (!message) throw new ChannelError('rejected', 'send: an empty message');
    // Stored before sending: a phone that cannot read it asks for it immediately.
    await sent.put(id, proto.Message.encode(message).finish());
    await this.relayed({ jid, id, message, ...(attributes === undefined ? {} : { attributes }) });
    return { messageId: id, sentAt: this.deps.clock.now() };
  }

  /**
   * Waits for the server's acknowledgement; retries once after a refusal that another address or a fresh
   * device list may solve.
   */
  private async relayed(relay: Relay): Promise<void> {
    const refusal = await this.relay(relay, true);
    if (refusal === undefined) return;
    const again = refusal === RESTRICTED ? await this.byLid(relay) : relay;
    const isCurable = again !== undefined && (refusal === RESTRICTED || refusal === STALE_DEVICES);
    const second = isCurable ? await this.relay(again, false) : refusal;
    if (second !== undefined) throw refusalError(second);
  }

  /** Returns the refusal code; `undefined` if the server accepted the message. */
  private async relay(
    { jid, id, message, attributes }: Relay,
    usesCache: boolean,
  ): Promise<string | undefined> {
    const { socket, closed, clock } = this.deps;
    const listen = (): Promise<Acknowledgement | undefined> =>
      socket.waitForMessage<Acknowledgement>(id, LISTEN_MS).catch(() => undefined);
    // The time for the acknowledgement starts when the message has been sent.
    const { acknowledged } = await this.line.run(async () => {
      const answer = { acknowledged: listen() };
      await socket.relayMessage(jid, message, {
        messageId: id,
        useUserDevicesCache: usesCache,
        ...(attributes === undefined ? {} : { additionalAttributes: { ...attributes } }),
      });
      return answer;
    });
    const over = new AbortController();
    const late = clock.sleep(ACKNOWLEDGED_WITHIN_MS, over.signal).then(
      () => undefined,
      () => undefined,
    );
    // Not `closed` as a promise: it would keep every message ever sent until the connection ends.
    const broken = new Promise<'closed'>((resolve) => {
      if (closed.aborted) resolve('closed');
      closed.addEventListener('abort', () => resolve('closed'), { signal: over.signal });
    });
    const answer = await Promise.race([acknowledged, late, broken]);
    over.abort(OVER);
    if (answer === 'closed')
      throw new ChannelError('unreachable', 'send: the connection broke before the answer');
    if (answer === undefined) throw new ChannelError('unreachable', 'send: WhatsApp did not acknowledge it');
    return answer.tag === 'ack' ? answer.attrs.error : undefined;
  }

  /** A contact that moved to its LID can no longer be reached by number. */
  private async byLid(relay: Relay): Promise<Relay | undefined> {
    if (!relay.jid.endsWith('@s.whatsapp.net')) return undefined;
    const jid = addressOf(await this.deps.completed(idsOfUser(relay.jid.split('@')[0] ?? '')));
    return jid === undefined || jid === relay.jid ? undefined : { ...relay, jid };
  }

  private async jidOf(chatId: string): Promise<string> {
    if (isGroup(chatId)) return chatId;
    const ids = await this.deps.people.idsOf(idsOfUser(chatId));
    const jid = addressOf(ids);
    if (jid === undefined) throw new ChannelError('gone', 'send: not a chat of WhatsApp');
    return jid;
  }

  /** Checked before the first message to somebody: a number without WhatsApp must not be tried repeatedly. */
  private async mustExist(jid: string): Promise<void> {
    const ids = idsOfUser(jid.split('@')[0] ?? '');
    if (ids.pn === undefined || jid.endsWith('@lid')) return;
    const matches = await this.deps.socket.onWhatsApp(phoneJid(ids.pn));
    // No response means unknown; sending the message will tell.
    if (matches !== undefined && !matches.some(({ exists }) => exists)) {
      throw new ChannelError('gone', 'send: this number has no WhatsApp');
    }
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new ChannelError('unreachable', 'send: given up'));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
