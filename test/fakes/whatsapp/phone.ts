import { randomBytes } from 'node:crypto';
import { proto, type BinaryNode } from '@whiskeysockets/baileys';
import { Companion, type DeviceKeys } from './companion.js';
import { bytesOf, lidJid, node, nowSeconds, pnJid } from './nodes.js';
import { pairByCode, pairByQr } from './pairing.js';
import { FakePerson, type WriteOptions } from './person.js';
import { stanzaType } from './stanza-type.js';

interface Received {
  readonly from: FakePerson;
  readonly message: proto.IMessage;
  readonly options: WriteOptions;
}

/** The owner's phone: links devices, writes from the same number, and answers requests from its devices. */
export class FakePhone extends FakePerson {
  readonly companions = new Map<number, Companion>();
  /** The number is banned: every login is refused. */
  isBanned = false;
  /** Does not answer when a device requests a message it could not read. */
  isOff = false;
  private readonly inbox = new Map<string, Received>();
  private nextDevice = 1;

  /** Links the device that shows this QR code. */
  async scans(qr: string): Promise<Companion> {
    return pairByQr(this.world, this, qr);
  }

  /** Links the device that shows this eight-character code. */
  async enters(code: string): Promise<Companion> {
    return pairByCode(this.world, this, code);
  }

  link(keys: DeviceKeys): Companion {
    const companion = new Companion(this, this.nextDevice++, keys);
    this.companions.set(companion.device, companion);
    return companion;
  }

  /** Unlinks all devices; connected ones receive a 401. */
  unlinks(): void {
    const linked = [...this.companions.values()];
    this.companions.clear();
    for (const { connection } of linked) {
      connection?.endWith(
        node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]),
      );
    }
  }

  /** Ends the sessions of all linked devices with a stream error code, e.g. `503`. */
  endsStreams(code: string): void {
    for (const { connection } of this.companions.values()) {
      connection?.endWith(node('stream:error', { code }));
    }
  }

  /** Breaks the connections without notice. */
  dropsConnections(): void {
    for (const { connection } of this.companions.values()) connection?.drop();
  }

  /** Remembers what this number received, so that a linked device may request it again. */
  remember(id: string, from: FakePerson, message: proto.IMessage, options: WriteOptions): void {
    this.inbox.set(id, { from, message, options });
  }

  /** The owner writes to somebody from the phone itself; linked devices receive a copy. */
  async answers(
    person: FakePerson,
    content: string | proto.IMessage,
    by: 'pn' | 'lid' = 'lid',
  ): Promise<string> {
    const message = typeof content === 'string' ? { conversation: content } : content;
    const id = `3A${randomBytes(9).toString('hex').toUpperCase()}`;
    const chat = by === 'lid' ? person.lidJid : person.pnJid;
    const attrs = {
      id,
      type: stanzaType(message),
      t: nowSeconds(),
      notify: this.name,
      recipient: chat,
      ...(by === 'lid'
        ? { from: this.lidJid, addressing_mode: 'lid', peer_recipient_pn: person.pnJid }
        : { from: this.pnJid, addressing_mode: 'pn', peer_recipient_lid: person.lidJid }),
    };
    for (const companion of this.companions.values()) {
      const { type, ciphertext } = await this.sealFor(companion, {
        deviceSentMessage: { destinationJid: chat, message },
      });
      companion.deliver(node('message', attrs, [node('enc', { v: '2', type }, ciphertext)]));
    }
    return id;
  }

  /** Receives a copy of what a linked device sent, or that device's request to this phone. */
  override async receives(from: Companion, stanza: BinaryNode, sealed: BinaryNode): Promise<void> {
    const { id = '', to: chat = '', category } = stanza.attrs;
    const author = pnJid(this.pn, from.device);
    const message = await this.device.decrypt(author, sealed.attrs.type ?? '', bytesOf(sealed));
    if (message.senderKeyDistributionMessage) {
      await this.device.learnSenderKey(author, message.senderKeyDistributionMessage);
      return;
    }
    const copy = message.deviceSentMessage?.message ?? message;
    if (category === 'peer') return this.answerDevice(from, id, copy);
    this.world.journal.ownCopies.push({ id, chat, message: copy });
  }

  /** Answers a device that could not read messages and requests them from this phone. */
  private async answerDevice(to: Companion, requestId: string, request: proto.IMessage): Promise<void> {
    const { Type } = proto.Message.ProtocolMessage;
    const resendRequests =
      request.protocolMessage?.peerDataOperationRequestMessage?.placeholderMessageResendRequest;
    if (this.isOff) return;
    for (const { messageKey } of resendRequests ?? []) {
      const id = messageKey?.id ?? '';
      const received = this.inbox.get(id);
      if (!received) continue;
      const webMessageInfoBytes = proto.WebMessageInfo.encode({
        key: { id, remoteJid: messageKey?.remoteJid ?? received.from.pnJid, fromMe: false },
        message: received.message,
        messageTimestamp: Math.floor(Date.now() / 1000),
        pushName: received.from.name,
      }).finish();
      await this.tellDevice(to, {
        protocolMessage: {
          type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
          peerDataOperationRequestResponseMessage: {
            stanzaId: requestId,
            peerDataOperationResult: [{ placeholderMessageResendResponse: { webMessageInfoBytes } }],
          },
        },
      });
    }
  }

  /** Sends a message from the phone to one of the number's own devices. */
  async tellDevice(to: Companion, message: proto.IMessage): Promise<void> {
    const { type, ciphertext } = await this.sealFor(to, message);
    const attrs = { from: this.pnJid, category: 'peer', type: 'text', t: nowSeconds() };
    const id = randomBytes(8).toString('hex').toUpperCase();
    to.deliver(node('message', { ...attrs, id }, [node('enc', { v: '2', type }, ciphertext)]));
  }

  /** The number's devices, for queries about them. */
  deviceNodes(): BinaryNode[] {
    const linked = [...this.companions.keys()].map((id) =>
      node('device', { id: String(id), 'key-index': String(id) }),
    );
    return [node('device', { id: '0' }), ...linked];
  }

  jidsOf({ device }: Companion): { readonly pn: string; readonly lid: string } {
    return { pn: pnJid(this.pn, device), lid: lidJid(this.lid, device) };
  }
}
