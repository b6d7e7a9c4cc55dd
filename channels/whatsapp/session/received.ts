import {
  cleanMessage,
  decodeMessageNode,
  MISSING_KEYS_ERROR_TEXT,
  proto,
  unpadRandomMax16,
  type BinaryNode,
  type SignalDataSet,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
  type WAMessage,
} from '@whiskeysockets/baileys';
import { z } from 'zod';
import type { AccountState } from '../../../src/contracts/channel.js';
import type { Logger } from '../../../src/contracts/runtime.js';
import { makeSignalRepository } from '../client.js';
import { isGroup } from '../jid.js';
import { fromBytes, toBytes } from '../state/json-bytes.js';
import type { Earlier, Place } from './arrivals.js';
import { alone } from './signal-turns.js';
import { withoutFailedTries } from './tried-sessions.js';
import type { UnreadableSenders } from './unreadable-senders.js';

const PREFIX = 'received/';
/** How many decrypted messages are kept in memory, in case the server delivers one again. */
const COPIES = 500;
/** The key under which a decrypted message is written together with the keys its decryption changed. */
export const RECEIVED = 'received';

const storedSchema = z.object({
  attrs: z.record(z.string(), z.string()),
  message: z.instanceof(Uint8Array),
  arrival: z.number(),
  ahead: z.array(z.object({ token: z.string(), arrival: z.number() })).default([]),
});

/** A stanza about to be decrypted, with callbacks for the result. */
export interface Expected {
  readonly node: BinaryNode;
  readonly arrival: number;
  /** What the server delivered before it in its chat and has not arrived here yet. */
  ahead(): readonly Place[];
  /** Called with the message once it is stored. */
  kept(content: Uint8Array): void;
  /** A part of it was decrypted or cannot be. */
  decrypted(): void;
  /** Whether its connection has ended; the server then delivers it again to the next one. */
  isOver(): boolean;
}

export interface OwnIds {
  readonly pn: string;
  readonly lid: string;
}

/**
 * The library tells WhatsApp "received" before we have seen the message. So each message is written in one
 * step with the Signal keys that its decryption used up, and before that receipt: either we have it, or
 * WhatsApp still does.
 */
export class Received {
  private readonly expected = new WeakMap<object, Expected>();
  private readonly handled = new Set<string>();
  /** Decrypted messages, still padded, by sender and id. */
  private readonly copies = new Map<string, Uint8Array>();

  constructor(
    private readonly state: AccountState,
    private readonly unreadable: UnreadableSenders,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  expect(expected: Expected): void {
    for (const ciphertext of ciphertextsOf(expected.node)) this.expected.set(ciphertext, expected);
  }

  /** The library's Signal repository, extended to store each decrypted message. */
  readonly makeRepository: SocketConfig['makeSignalRepository'] = (auth, logger, lookUp) => {
    const keys = auth.keys as SignalKeyStoreWithTransaction;
    const signalKeys = { ...auth, keys: withoutFailedTries(keys) };
    const repository = alone(makeSignalRepository(signalKeys, logger, lookUp), keys);
    const decryptOnce = (ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> =>
      repository.inTurn(async () => {
        if (this.expected.get(ciphertext)?.isOver() === true) throw new Error('the connection is over');
        const copy = this.copyOf(ciphertext);
        if (copy !== undefined) return copy;
        const plain = await decrypt();
        const entry = this.entryOf(ciphertext, plain);
        if (entry !== undefined) await keys.set({ [RECEIVED]: entry } as SignalDataSet);
        return plain;
      });
    const decryptExpected = async (
      ciphertext: Uint8Array,
      decrypt: () => Promise<Uint8Array>,
    ): Promise<Uint8Array> => {
      const expected = this.expected.get(ciphertext);
      const sender = expected === undefined ? '' : senderOf(expected.node);
      try {
        // The library refuses a message with this error without requesting it again.
        if (this.unreadable.isFlooding(sender)) throw new Error(MISSING_KEYS_ERROR_TEXT);
        const plain = await decryptOnce(ciphertext, decrypt);
        this.unreadable.succeeded(sender);
        this.handOver(expected, ciphertext, plain);
        return plain;
      } catch (error) {
        if (expected?.isOver() !== true && this.unreadable.failed(sender)) {
          this.logger.warn({}, 'somebody sends only unreadable messages, which are refused for a minute');
        }
        throw error;
      } finally {
        expected?.decrypted();
      }
    };
    return {
      ...repository,
      decryptMessage: (options) =>
        decryptExpected(options.ciphertext, () => repository.decryptMessage(options)),
      decryptGroupMessage: (options) =>
        decryptExpected(options.msg, () => repository.decryptGroupMessage(options)),
    };
  };

  /** The message is stored: from here on, nothing that happens to the connection can lose it. */
  private handOver(expected: Expected | undefined, ciphertext: Uint8Array, padded: Uint8Array): void {
    const name = this.copyNameOf(ciphertext);
    if (expected === undefined || name === undefined) return;
    this.keepCopy(name, padded);
    const content = unpadRandomMax16(padded);
    if (!isOnlyKeys(proto.Message.decode(content))) expected.kept(content);
  }

  /** What to include in the next write of keys: new messages are added, handled ones removed. */
  changes(entries: Readonly<Record<string, unknown>> = {}): Map<string, Uint8Array | undefined> {
    const changes = new Map<string, Uint8Array | undefined>();
    for (const token of this.handled) changes.set(PREFIX + token, undefined);
    for (const [token, entry] of Object.entries(entries)) {
      // It could not be read the first time and was given up then.
      this.handled.delete(token);
      changes.set(PREFIX + token, toBytes(entry));
    }
    return changes;
  }

  /** Called after `changes` were written. */
  written(changes: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of changes)
      if (value === undefined) this.handled.delete(key.slice(PREFIX.length));
  }

  /** The message is in the inbox; its copy is removed with the next write. */
  done(token: string): void {
    this.handled.add(token);
  }

  async flush(): Promise<void> {
    const changes = this.changes();
    await this.state.write(changes);
    this.written(changes);
  }

  /** Messages that earlier connections received and did not finish handling, oldest first. */
  async unhandled(me: OwnIds): Promise<readonly Earlier<WAMessage>[]> {
    const keys = await this.state.keys(PREFIX);
    const records = await this.state.read(keys);
    return [...records]
      .flatMap(([key, bytes]) => {
        const stored = storedSchema.safeParse(fromBytes(bytes)).data;
        const token = key.slice(PREFIX.length);
        if (stored === undefined || this.handled.has(token)) return [];
        const { attrs, message, arrival, ahead } = stored;
        this.keepCopy(tokenOf(stored), Buffer.concat([message, ONE_BYTE_OF_PADDING]));
        return [{ token, chat: chatOf(stored), item: messageOf(attrs, message, me), arrival, ahead }];
      })
      .toSorted((a, b) => a.arrival - b.arrival);
  }

  /**
   * A message that the server delivers again, because our receipt was lost, cannot be decrypted a second
   * time: its key is used up. It would look unreadable and be treated as new.
   */
  private copyOf(ciphertext: Uint8Array): Uint8Array | undefined {
    const name = this.copyNameOf(ciphertext);
    return name === undefined ? undefined : this.copies.get(name);
  }

  private copyNameOf(ciphertext: Uint8Array): string | undefined {
    const node = this.expected.get(ciphertext)?.node;
    if (node === undefined || !Array.isArray(node.content)) return undefined;
    const isForGroup = isGroup(node.attrs.from);
    const sealed = node.content.find(({ content }) => content === ciphertext);
    // The same stanza may contain the group's keys, encrypted only for us.
    return isForGroup === (sealed?.attrs.type === 'skmsg') ? tokenOf(node) : undefined;
  }

  private keepCopy(name: string | undefined, padded: Uint8Array): void {
    if (name === undefined) return;
    this.copies.set(name, padded);
    for (const oldest of this.copies.keys()) {
      if (this.copies.size <= COPIES) break;
      this.copies.delete(oldest);
    }
  }

  private entryOf(ciphertext: Uint8Array, padded: Uint8Array): Readonly<Record<string, unknown>> | undefined {
    const expected = this.expected.get(ciphertext);
    if (expected === undefined) return undefined;
    const plain = unpadRandomMax16(padded);
    if (isOnlyKeys(proto.Message.decode(plain))) return undefined;
    const { node, arrival } = expected;
    const attrs = { ...node.attrs };
    return { [tokenOf(node)]: { attrs, message: plain, arrival, ahead: expected.ahead() } };
  }
}

const ONE_BYTE_OF_PADDING = Buffer.from([1]);

/** Identifies a received message; an id is unique only per sender. */
export function tokenOf({ attrs }: Pick<BinaryNode, 'attrs'>): string {
  return `${senderOf({ attrs })}/${attrs.id ?? ''}`;
}

function senderOf({ attrs: { participant, from = '' } }: Pick<BinaryNode, 'attrs'>): string {
  return participant ?? from;
}

/** The same name for both ids of a person, if the stanza contains them. */
export function chatOf({ attrs }: Pick<BinaryNode, 'attrs'>): string {
  const { from = '', sender_lid: sender, recipient, peer_recipient_lid: partner } = attrs;
  return partner ?? recipient ?? sender ?? from;
}

/** The message as the library would pass it on. */
export function messageOf(attrs: BinaryNode['attrs'], content: Uint8Array, me: OwnIds): WAMessage {
  const { fullMessage } = decodeMessageNode({ tag: 'message', attrs }, me.pn, me.lid);
  const decoded = proto.Message.decode(content);
  const message = { ...fullMessage, message: decoded.deviceSentMessage?.message ?? decoded } as WAMessage;
  cleanMessage(message, me.pn, me.lid);
  return message;
}

/** The parts of a stanza that need decryption. */
export function ciphertextsOf({ content }: BinaryNode): readonly Uint8Array[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((child) =>
    child.tag === 'enc' && child.content instanceof Uint8Array ? [child.content] : [],
  );
}

/** Keys for a group are sent in a message of their own, before the one people wrote. */
function isOnlyKeys(message: proto.Message): boolean {
  return Object.keys(message.toJSON()).every(
    (field) => field === 'senderKeyDistributionMessage' || field === 'messageContextInfo',
  );
}
