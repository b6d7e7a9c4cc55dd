import {
  decodeMessageNode,
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
import { makeSignalRepository } from '../client.js';
import { isGroup } from '../jid.js';
import { fromBytes, toBytes } from '../state/json-bytes.js';

const PREFIX = 'received/';
/** Decrypted messages that are kept in memory, in case the server delivers one again. */
const COPIES = 500;
/** Name under which a message travels with the keys that changed when it was decrypted. */
export const RECEIVED = 'received';

const storedSchema = z.object({
  attrs: z.record(z.string(), z.string()),
  message: z.instanceof(Uint8Array),
  arrival: z.number(),
});

interface Expected {
  readonly node: BinaryNode;
  readonly arrival: number;
  readonly decrypted: () => void;
}

export interface Unhandled {
  readonly token: string;
  readonly message: WAMessage;
  readonly arrival: number;
}

/**
 * The library tells WhatsApp "received" before anybody here saw the message. So each message is
 * written together with the Signal keys that its decryption used up, in one step, and before that
 * receipt: it is either here, or WhatsApp still has it.
 */
export class Received {
  private readonly expected = new WeakMap<object, Expected>();
  private readonly handled = new Set<string>();
  /** What was decrypted, padded as it was, by sender and id and the kind of its encryption. */
  private readonly copies = new Map<string, Uint8Array>();

  constructor(private readonly state: AccountState) {}

  /** A stanza is about to be decrypted; `decrypted` is called each time a part of it was, or cannot be. */
  expect(expected: Expected): void {
    for (const ciphertext of ciphertextsOf(expected.node)) this.expected.set(ciphertext, expected);
  }

  /** The library's Signal repository, with each decrypted message kept. */
  readonly makeRepository: SocketConfig['makeSignalRepository'] = (auth, logger, lookUp) => {
    const repository = makeSignalRepository(auth, logger, lookUp);
    const keys = auth.keys as SignalKeyStoreWithTransaction;
    const kept = (ciphertext: Uint8Array, address: string, decrypt: () => Promise<Uint8Array>) =>
      keys.transaction(async () => {
        const copy = this.copyOf(ciphertext);
        if (copy !== undefined) return copy;
        const plain = await decrypt();
        const entry = this.entryOf(ciphertext, plain);
        if (entry === undefined) return plain;
        await keys.set({ [RECEIVED]: entry } as SignalDataSet);
        this.keepCopy(this.copyNameOf(ciphertext), plain);
        return plain;
      }, address);
    const told = (ciphertext: Uint8Array, work: Promise<Uint8Array>): Promise<Uint8Array> =>
      work.finally(() => this.expected.get(ciphertext)?.decrypted());
    return {
      ...repository,
      decryptMessage: (options) =>
        told(
          options.ciphertext,
          kept(options.ciphertext, options.jid, () => repository.decryptMessage(options)),
        ),
      decryptGroupMessage: (options) =>
        told(
          options.msg,
          kept(options.msg, options.group, () => repository.decryptGroupMessage(options)),
        ),
    };
  };

  /** What goes with the next write of keys: messages in, handled ones out. */
  changes(entries: Readonly<Record<string, unknown>> = {}): Map<string, Uint8Array | undefined> {
    const changes = new Map<string, Uint8Array | undefined>();
    for (const token of this.handled) changes.set(PREFIX + token, undefined);
    for (const [token, entry] of Object.entries(entries)) changes.set(PREFIX + token, toBytes(entry));
    return changes;
  }

  /** `changes` are written. */
  written(changes: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of changes)
      if (value === undefined) this.handled.delete(key.slice(PREFIX.length));
  }

  /** The inbox has it: its copy goes with the next write. */
  done(token: string): void {
    this.handled.add(token);
  }

  async flush(): Promise<void> {
    const changes = this.changes();
    await this.state.write(changes);
    this.written(changes);
  }

  /** What a process before this one received and did not finish, in order. */
  async unhandled(me: { readonly pn: string; readonly lid: string }): Promise<readonly Unhandled[]> {
    const keys = await this.state.keys(PREFIX);
    const found = await this.state.read(keys);
    return [...found]
      .flatMap(([key, bytes]) => {
        const stored = storedSchema.safeParse(fromBytes(bytes)).data;
        if (stored === undefined || this.handled.has(key.slice(PREFIX.length))) return [];
        const { fullMessage } = decodeMessageNode({ tag: 'message', attrs: stored.attrs }, me.pn, me.lid);
        const content = proto.Message.decode(stored.message);
        this.keepCopy(tokenOf(stored), Buffer.concat([stored.message, ONE_BYTE_OF_PADDING]));
        const message = {
          ...fullMessage,
          message: content.deviceSentMessage?.message ?? content,
        } as WAMessage;
        return [{ token: key.slice(PREFIX.length), message, arrival: stored.arrival }];
      })
      .toSorted((a, b) => a.arrival - b.arrival);
  }

  /**
   * A message that the server delivers again, because our receipt was lost, cannot be decrypted
   * again: its key is used up. It would look unreadable, and be taken for something new.
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
    // A group's keys come in the same stanza, encrypted for us alone.
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
    const { attrs } = expected.node;
    return { [tokenOf(expected.node)]: { attrs: { ...attrs }, message: plain, arrival: expected.arrival } };
  }
}

const ONE_BYTE_OF_PADDING = Buffer.from([1]);

/** Names a received message: an id is unique only for its sender. */
export function tokenOf({ attrs: { participant, from = '', id = '' } }: Pick<BinaryNode, 'attrs'>): string {
  return `${participant ?? from}/${id}`;
}

/** What a stanza brings to decrypt. */
export function ciphertextsOf({ content }: BinaryNode): readonly Uint8Array[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((child) =>
    child.tag === 'enc' && child.content instanceof Uint8Array ? [child.content] : [],
  );
}

/** Keys for a group come in a message of their own, before the one that people wrote. */
function isOnlyKeys(message: proto.Message): boolean {
  return Object.keys(message.toJSON()).every(
    (field) => field === 'senderKeyDistributionMessage' || field === 'messageContextInfo',
  );
}
