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
import { fromBytes, toBytes } from '../state/json-bytes.js';

const PREFIX = 'received/';
/** Name under which a message travels with the keys that changed when it was decrypted. */
export const RECEIVED = 'received';

const storedSchema = z.object({
  attrs: z.record(z.string(), z.string()),
  message: z.instanceof(Uint8Array),
  arrival: z.number(),
});

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
  private readonly nodes = new WeakMap<object, { readonly node: BinaryNode; readonly arrival: number }>();
  private readonly handled = new Set<string>();

  constructor(private readonly state: AccountState) {}

  /** A stanza is about to be decrypted. */
  expect(node: BinaryNode, arrival: number): void {
    if (!Array.isArray(node.content)) return;
    for (const { tag, content } of node.content) {
      if (tag === 'enc' && content instanceof Uint8Array) this.nodes.set(content, { node, arrival });
    }
  }

  /** The library's Signal repository, with each decrypted message kept. */
  readonly makeRepository: SocketConfig['makeSignalRepository'] = (auth, logger, lookUp) => {
    const repository = makeSignalRepository(auth, logger, lookUp);
    const keys = auth.keys as SignalKeyStoreWithTransaction;
    const kept = (ciphertext: Uint8Array, address: string, decrypt: () => Promise<Uint8Array>) =>
      keys.transaction(async () => {
        const plain = await decrypt();
        const entry = this.entryOf(ciphertext, plain);
        if (entry !== undefined) await keys.set({ [RECEIVED]: entry } as SignalDataSet);
        return plain;
      }, address);
    return {
      ...repository,
      decryptMessage: (options) =>
        kept(options.ciphertext, options.jid, () => repository.decryptMessage(options)),
      decryptGroupMessage: (options) =>
        kept(options.msg, options.group, () => repository.decryptGroupMessage(options)),
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
        if (stored === undefined) return [];
        const { fullMessage } = decodeMessageNode({ tag: 'message', attrs: stored.attrs }, me.pn, me.lid);
        const content = proto.Message.decode(stored.message);
        const message = {
          ...fullMessage,
          message: content.deviceSentMessage?.message ?? content,
        } as WAMessage;
        return [{ token: key.slice(PREFIX.length), message, arrival: stored.arrival }];
      })
      .toSorted((a, b) => a.arrival - b.arrival);
  }

  private entryOf(ciphertext: Uint8Array, padded: Uint8Array): Readonly<Record<string, unknown>> | undefined {
    const expected = this.nodes.get(ciphertext);
    if (expected === undefined) return undefined;
    const plain = unpadRandomMax16(padded);
    if (isOnlyKeys(proto.Message.decode(plain))) return undefined;
    const { attrs } = expected.node;
    return { [tokenOf(expected.node)]: { attrs: { ...attrs }, message: plain, arrival: expected.arrival } };
  }
}

/** Names a received message: an id is unique only for its sender. */
export function tokenOf({ attrs }: BinaryNode): string {
  return `${attrs.participant ?? attrs.from ?? ''}/${attrs.id ?? ''}`;
}

/** Keys for a group come in a message of their own, before the one that people wrote. */
function isOnlyKeys(message: proto.Message): boolean {
  return Object.keys(message.toJSON()).every(
    (field) => field === 'senderKeyDistributionMessage' || field === 'messageContextInfo',
  );
}
