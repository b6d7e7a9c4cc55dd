import type { WAMessage } from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import type { ConnectionSink, InboundEvent, Reception } from '../../../src/contracts/channel.js';
import type { Clock, Logger } from '../../../src/contracts/runtime.js';
import { unwrap, type Content } from '../inbound/message-schema.js';
import { contextOf } from '../inbound/parts.js';
import { isGroup, personIds, userIdOf, type PersonIds } from '../jid.js';
import type { Chats } from '../state/chats.js';
import type { People } from '../state/people.js';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;
type WebMessageInfo = Readonly<Record<string, unknown>> & {
  readonly key?: Readonly<Record<string, unknown>>;
};

/** `ProtocolMessage.Type.EPHEMERAL_SETTING` */
const EPHEMERAL_SETTING = 3;
/** What WhatsApp assumes if a disappearing message does not say when it disappears, in seconds. */
const DEFAULT_EXPIRATION = 7 * 24 * 60 * 60;

export interface IntakeDependencies {
  readonly sink: ConnectionSink;
  readonly people: People;
  readonly chats: Chats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  receive(raw: unknown): Reception;
  me(): PersonIds;
  /** Whether WhatsApp is still delivering what it stored while nobody was connected. */
  isCatchingUp(): boolean;
  /** Looks up the other id of a person if a message contains only one. */
  completed(ids: PersonIds): Promise<PersonIds>;
  /** The message is in the inbox or is not wanted. */
  done(token: string | undefined): void;
  /** Called after an event is stored, for read receipts, quotes and reactions. */
  noted(event: InboundEvent, message: WAMessage): void;
}

/**
 * Takes messages in order and stores each chat's in the inbox one at a time, retrying until they are stored.
 */
export class Intake {
  private describing: Promise<void> = Promise.resolve();
  private readonly storing = new Map<string, Promise<void>>();

  constructor(private readonly deps: IntakeDependencies) {}

  take(message: WAMessage, arrival: number, token: string | undefined): void {
    const wasKept = this.deps.isCatchingUp();
    this.describing = this.describing
      .then(() => this.enter(message, arrival, token, wasKept))
      .catch((error: unknown) => {
        this.deps.logger.error({ error }, 'a WhatsApp message could not be taken; it is tried again later');
      });
  }

  /** Resolves when everything taken is stored, or given up because of an abort. */
  async settled(): Promise<void> {
    await this.describing;
    await Promise.all(this.storing.values());
  }

  private async enter(
    message: WAMessage,
    arrival: number,
    token: string | undefined,
    wasKept: boolean,
  ): Promise<void> {
    const reception = this.deps.receive({ ...(await this.describe(message, arrival)), wasKept });
    if (reception.type !== 'event') {
      this.deps.sink.discard(reception);
      this.deps.done(token);
      return;
    }
    const { event } = reception;
    const { chatId } = event.chat;
    const before = this.storing.get(chatId) ?? Promise.resolve();
    const storing = before.then(() => this.store(event, message, token));
    this.storing.set(chatId, storing);
    void storing.finally(() => {
      if (this.storing.get(chatId) === storing) this.storing.delete(chatId);
    });
  }

  /** The message with its resolved ids, in the form `receive` reads. */
  private async describe(message: WAMessage, arrival: number): Promise<object> {
    const { people, clock } = this.deps;
    const { key } = message;
    const me = this.deps.me();
    const plain: WebMessageInfo = proto.WebMessageInfo.toObject(proto.WebMessageInfo.fromObject(message), {
      longs: Number,
    });
    const inGroup = isGroup(key.remoteJid);
    const partner = await this.deps.completed(
      inGroup ? personIds(key.participant, key.participantAlt) : personIds(key.remoteJid, key.remoteJidAlt),
    );
    const person = await people.userIdOf(partner);
    const chatId = inGroup ? key.remoteJid : person;
    await this.noteChat(message, chatId, plain.message);
    return {
      message: { ...plain, key: { ...plain.key, isViewOnce: key.isViewOnce ?? null } },
      arrival,
      receivedAt: clock.now().getTime(),
      chatId,
      senderId: key.fromMe ? userIdOf(me) : person,
      me,
    };
  }

  /** Notes the chat's expiration, so that answers disappear when its messages do. */
  private async noteChat(message: WAMessage, chatId: string | null | undefined, raw: unknown): Promise<void> {
    const content = unwrap(raw);
    if (!chatId || content === undefined) return;
    const isSetting = content.protocolMessage?.type === EPHEMERAL_SETTING;
    if (!isSetting && (message.key.fromMe || content.protocolMessage || content.reactionMessage)) return;
    const expiration = isSetting
      ? (content.protocolMessage?.ephemeralExpiration ?? 0)
      : expirationOf(message, content);
    const sentAt = Number(message.messageTimestamp ?? 0) * 1000;
    await this.deps.chats.heard(chatId, Math.min(sentAt, this.deps.clock.now().getTime()), expiration);
  }

  /** Retries while the store is down; the copy in the account's state outlives this process. */
  private async store(event: InboundEvent, message: WAMessage, token: string | undefined): Promise<void> {
    const { sink, clock, signal, logger } = this.deps;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      try {
        await sink.accept(event);
        this.deps.noted(event, message);
        this.deps.done(token);
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ error }, 'a WhatsApp message waits for the inbox');
        await clock.sleep(wait, signal).catch(() => undefined);
      }
    }
  }
}

function expirationOf({ message }: WAMessage, content: Content): number {
  const { expiration } = contextOf(content) ?? {};
  if (typeof expiration === 'number') return expiration;
  return message?.ephemeralMessage ? DEFAULT_EXPIRATION : 0;
}
