import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Connection } from './connection.js';
import { node } from './nodes.js';
import type { FakePhone } from './phone.js';
import type { KeyBundle } from './signal-device.js';

/** Below this many one-time keys the server asks for more. */
const FEW_PRE_KEYS = 5;

export interface DeviceKeys {
  registrationId: number;
  identity: Buffer;
  signedPreKey: KeyBundle['signedPreKey'];
}

interface Waiting {
  readonly id: string;
  readonly stanza: BinaryNode;
  isSent: boolean;
}

/** A device linked to a number, as the server knows it: its public keys and the stanzas waiting for it. */
export class Companion {
  readonly preKeys: { readonly id: number; readonly key: Buffer }[] = [];
  connection: Connection | undefined;
  private waiting: Waiting[] = [];

  constructor(
    readonly phone: FakePhone,
    readonly device: number,
    readonly keys: DeviceKeys,
  ) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Each one-time key is handed out once; when none is left, sessions start without one. */
  takeBundle(): KeyBundle {
    const preKey = this.preKeys.shift();
    if (this.preKeys.length === FEW_PRE_KEYS - 1) this.askForKeys();
    return { ...this.keys, ...(preKey === undefined ? {} : { preKey }) };
  }

  /** Keeps the stanza until the device confirms it; sends it immediately if the device is connected. */
  deliver(stanza: BinaryNode): void {
    const entry = { id: stanza.attrs.id ?? '', stanza, isSent: false };
    this.waiting.push(entry);
    if (this.connection?.isLive !== true) return;
    entry.isSent = true;
    this.connection.send(stanza);
  }

  /** Sends a stanza that is lost if the device is away: receipts, typing and the like. */
  tell(stanza: BinaryNode): void {
    if (this.connection?.isLive === true) this.connection.send(stanza);
  }

  /**
   * An acknowledgement whose class differs from the stanza waiting under the id confirms nothing, so the
   * stanza is delivered again.
   */
  confirm(id: string, tag: string | undefined): void {
    this.waiting = this.waiting.filter(({ id: waitingId, stanza }) => waitingId !== id || stanza.tag !== tag);
  }

  /** The stanzas that waited while the device was away, marked as such. */
  takeBacklog(): readonly BinaryNode[] {
    const backlog = this.waiting.map(({ stanza }, index) =>
      node(stanza.tag, { ...stanza.attrs, offline: String(Math.min(index, 3)) }, stanza.content),
    );
    for (const entry of this.waiting) entry.isSent = true;
    return backlog;
  }

  /** Sends everything unconfirmed again, as the server does when it is unsure. */
  repeatUnconfirmed(): void {
    for (const { stanza } of this.waiting) this.connection?.send(stanza);
  }

  private askForKeys(): void {
    this.deliver(
      node('notification', { from: 's.whatsapp.net', type: 'encrypt', id: `keys-${Date.now()}`, t: '0' }, [
        node('count', { value: String(this.preKeys.length) }),
      ]),
    );
  }
}
