import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { child, children, parseJid } from './nodes.js';

/** A message as the recipient's phone shows it. */
export interface SeenMessage {
  readonly id: string;
  /** Phone number of the sending account. */
  readonly from: string;
  /** Phone number of the person who sees it. */
  readonly by: string;
  /** The address the sender used: a person's phone id or LID, or a group. */
  readonly chat: string;
  readonly message: proto.Message;
  readonly encryption: string;
  readonly at: number;
}

export interface ReceivedStanza {
  readonly node: BinaryNode;
  /** The connection's number, counted from 1. */
  readonly connection: number;
  /** Number and device of the account; absent before login. */
  readonly account?: string;
  readonly at: number;
}

export interface Login {
  readonly kind: 'registration' | 'login';
  readonly account?: string;
  readonly connection: number;
  readonly at: number;
}

/** What happened as seen from outside, in order. Tests read this, never our own store. */
export class Journal {
  /** Each message once per person, because phones drop repeated ids. */
  readonly seen: SeenMessage[] = [];
  /** Messages that arrived again under an id already seen. */
  readonly repeated: SeenMessage[] = [];
  readonly stanzas: ReceivedStanza[] = [];
  readonly logins: Login[] = [];
  /** Messages that a person's phone could not decrypt. */
  readonly undecryptable: { readonly id: string; readonly by: string }[] = [];
  /** Copies of the account's own messages that reached the owner's phone. */
  readonly ownCopies: { readonly id: string; readonly chat: string; readonly message: proto.IMessage }[] = [];
  /** Queries this server does not know. */
  readonly unknown: string[] = [];
  /** Things a client must not do. */
  readonly violations: string[] = [];
  readonly refused: { readonly id: string; readonly error: string; readonly at: number }[] = [];
  /** The most connections a device had at the same time. */
  mostConnectionsAtOnce = 0;

  of(tag: string): readonly ReceivedStanza[] {
    return this.stanzas.filter(({ node }) => node.tag === tag);
  }

  /** Ids of the messages marked as read, in order. */
  read(): readonly string[] {
    return this.receipts('read').concat(this.receipts('read-self'));
  }

  receipts(type: string | undefined): string[] {
    return this.of('receipt')
      .filter(({ node }) => node.attrs.type === type)
      .flatMap(({ node }) => [
        node.attrs.id ?? '',
        ...children(child(node, 'list'), 'item').map((item) => item.attrs.id ?? ''),
      ]);
  }

  /** `composing`, `recording` or `paused`, with the chat where it was shown. */
  chatStates(): readonly { readonly to: string; readonly state: string; readonly at: number }[] {
    return this.of('chatstate').map(({ node, at }) => {
      const first = children(node)[0];
      const isRecording = first?.attrs.media === 'audio';
      return {
        to: parseJid(node.attrs.to ?? '').user,
        state: isRecording ? 'recording' : (first?.tag ?? ''),
        at,
      };
    });
  }
}
