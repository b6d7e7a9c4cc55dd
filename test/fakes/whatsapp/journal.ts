import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { child, children, parseJid } from './nodes.js';

/** A message as the phone of the one who got it shows it. */
export interface SeenMessage {
  readonly id: string;
  /** Phone number of the account it came from. */
  readonly from: string;
  /** Number of the person who sees it. */
  readonly by: string;
  /** As the sender addressed it: a person's phone id or LID, or a group. */
  readonly chat: string;
  readonly message: proto.Message;
  readonly encryption: string;
  readonly at: number;
}

export interface ReceivedStanza {
  readonly node: BinaryNode;
  /** Number of the connection, counted from 1. */
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

/** What the outside saw, in order. Tests read this, never our own store. */
export class Journal {
  /** Each message once per person, as phones drop a repeated id. */
  readonly seen: SeenMessage[] = [];
  /** Messages that came again under an id that was there already. */
  readonly repeated: SeenMessage[] = [];
  readonly stanzas: ReceivedStanza[] = [];
  readonly logins: Login[] = [];
  /** Messages that a person's phone could not decrypt. */
  readonly undecryptable: { readonly id: string; readonly by: string }[] = [];
  /** Copies of the account's own messages that reached the owner's phone. */
  readonly ownCopies: { readonly id: string; readonly chat: string; readonly message: proto.IMessage }[] = [];
  /** Queries that this server does not know. */
  readonly unknown: string[] = [];
  /** What a client may not do. */
  readonly violations: string[] = [];
  readonly refused: { readonly id: string; readonly error: string; readonly at: number }[] = [];
  /** Most connections that one device had at a time. */
  mostConnectionsAtOnce = 0;

  of(tag: string): readonly ReceivedStanza[] {
    return this.stanzas.filter(({ node }) => node.tag === tag);
  }

  /** Ids of messages that were marked as read, in order. */
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

  /** `composing`, `recording` or `paused`, with the chat it was shown in. */
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
