import { randomBytes } from 'node:crypto';
import { proto, type BinaryNode } from '@whiskeysockets/baileys';
import type { Companion } from './companion.js';
import type { FakeGroup } from './group.js';
import { UsedKeys } from './message-key.js';
import { bytesOf, children, lidJid, node, nowSeconds, pnJid } from './nodes.js';
import type { FakePhone } from './phone.js';
import { bundleNodes, SignalDevice, type Ciphertext } from './signal-device.js';
import { stanzaType } from './stanza-type.js';
import type { World } from './world.js';

export interface WriteOptions {
  /** Which of the two ids the message is sent under. */
  readonly by?: 'pn' | 'lid';
  /** The server does not reveal the other id. */
  readonly hideOther?: boolean;
  readonly group?: FakeGroup;
  readonly id?: string;
  readonly sentAt?: Date;
  /** The ciphertext arrives damaged the first time. */
  readonly damaged?: boolean;
  /** What replaces the ciphertext, e.g. `view_once`; the text is then only on the owner's phone. */
  readonly unavailable?: string;
}

interface Sent {
  readonly message: proto.IMessage;
  readonly options: WriteOptions;
}

/** A person with WhatsApp: writes to numbers and sees their answers. */
export class FakePerson {
  readonly device: SignalDevice;
  /** How many of the next messages for this person cannot be decrypted, as after a reinstallation. */
  cannotDecrypt = 0;
  /** The contact has moved to its LID: the server refuses messages to the phone id. */
  isOnlyKnownByLid = false;
  /** The server does not reveal the LID of the number. */
  hidesLid = false;
  private readonly usedKeys = new UsedKeys();
  private readonly sent = new Map<string, Sent>();
  private readonly retries = new Map<string, number>();

  constructor(
    protected readonly world: World,
    readonly pn: string,
    readonly lid: string,
    readonly name: string,
  ) {
    this.device = new SignalDevice(pnJid(pn));
  }

  get pnJid(): string {
    return pnJid(this.pn);
  }

  get lidJid(): string {
    return lidJid(this.lid);
  }

  /** Sends a text or any other content to a number; returns the message's id. */
  async writes(to: FakePhone, content: string | proto.IMessage, options: WriteOptions = {}): Promise<string> {
    const message = typeof content === 'string' ? { conversation: content } : content;
    const id = options.id ?? `3A${randomBytes(9).toString('hex').toUpperCase()}`;
    this.sent.set(id, { message, options });
    to.remember(id, this, message, options);
    for (const companion of to.companions.values()) {
      companion.deliver(await this.stanza(companion, id, message, options));
    }
    return id;
  }

  edits(to: FakePhone, id: string, text: string, options: WriteOptions = {}): Promise<string> {
    const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
    const editedMessage = { conversation: text };
    const key = { id, fromMe: true, remoteJid: to.pnJid };
    return this.writes(
      to,
      { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage, timestampMs: Date.now() } },
      options,
    );
  }

  revokes(to: FakePhone, id: string, options: WriteOptions = {}): Promise<string> {
    const { REVOKE } = proto.Message.ProtocolMessage.Type;
    return this.writes(
      to,
      { protocolMessage: { type: REVOKE, key: { id, fromMe: true, remoteJid: to.pnJid } } },
      options,
    );
  }

  /** Reacts to a message from the number; an empty text removes the reaction. */
  reacts(to: FakePhone, id: string, text: string, options: WriteOptions = {}): Promise<string> {
    const remoteJid = options.group?.jid ?? to.pnJid;
    const participant = options.group === undefined ? {} : { participant: to.lidJid };
    return this.writes(
      to,
      {
        reactionMessage: {
          key: { id, fromMe: false, remoteJid, ...participant },
          text,
          senderTimestampMs: Date.now(),
        },
      },
      options,
    );
  }

  /** What this person sees from a number, in order; edits and deletions are separate messages. */
  sees(from: FakePhone): readonly { readonly id: string; readonly message: proto.Message }[] {
    return this.world.journal.seen.filter((entry) => entry.by === this.pn && entry.from === from.pn);
  }

  reads(from: FakePhone, id: string): void {
    this.receipt(from, id, 'read');
  }

  /** The phone lost the message and requests it again from the device that sent it. */
  async asksFor(from: FakePhone, id: string): Promise<void> {
    for (const companion of from.companions.values()) await this.asksAgain(companion, id, this.lidJid);
  }

  startsTyping(to: FakePhone, by: 'pn' | 'lid' = 'lid'): void {
    const from = by === 'lid' ? this.lidJid : this.pnJid;
    for (const companion of to.companions.values()) {
      companion.tell(node('chatstate', { from }, [node('composing')]));
    }
  }

  /** Receives what the number sent; `from` is the sending device. */
  async receives(from: Companion, stanza: BinaryNode, sealed: BinaryNode): Promise<void> {
    const { id = '', to: chat = '' } = stanza.attrs;
    const { type = '' } = sealed.attrs;
    if (this.usedKeys.isReused(pnJid(from.phone.pn, from.device), type, bytesOf(sealed)))
      this.world.journal.violations.push(`${id} to ${this.pn}: encrypted with a key of another message`);
    try {
      if (this.cannotDecrypt > 0) {
        this.cannotDecrypt--;
        throw new Error('the key is lost');
      }
      const author = pnJid(from.phone.pn, from.device);
      const message =
        type === 'skmsg'
          ? await this.device.decryptFromGroup(chat, author, bytesOf(sealed))
          : await this.device.decrypt(author, type, bytesOf(sealed));
      const keys = message.senderKeyDistributionMessage;
      if (keys) await this.device.learnSenderKey(author, keys);
      if (Object.keys(message.toJSON()).every((key) => key === 'senderKeyDistributionMessage')) return;
      this.show(from, id, chat, type, message);
      this.receipt(from.phone, id, undefined, chat.endsWith('@g.us') ? chat : undefined);
    } catch {
      this.world.journal.undecryptable.push({ id, by: this.pn });
      await this.asksAgain(from, id, chat);
    }
  }

  /** Sends a message again, in a new session, after the number could not read it. */
  async sendsAgain(to: Companion, id: string, receipt: BinaryNode): Promise<void> {
    const original = this.sent.get(id);
    if (!original) return;
    const keys = children(receipt, 'keys')[0];
    await this.device.openSession(pnJid(to.phone.pn, to.device), to.takeBundle());
    void keys;
    to.deliver(
      await this.stanza(to, id, original.message, { ...original.options, damaged: false }, { count: '1' }),
    );
  }

  protected address(by: 'pn' | 'lid', hideOther = false): Readonly<Record<string, string | undefined>> {
    return by === 'lid'
      ? { from: this.lidJid, addressing_mode: 'lid', sender_pn: hideOther ? undefined : this.pnJid }
      : { from: this.pnJid, addressing_mode: 'pn', sender_lid: hideOther ? undefined : this.lidJid };
  }

  private async stanza(
    to: Companion,
    id: string,
    message: proto.IMessage,
    options: WriteOptions,
    retry: Readonly<Record<string, string>> = {},
  ): Promise<BinaryNode> {
    const { by = 'lid', hideOther = false, group, sentAt } = options;
    const attrs = {
      ...(group === undefined ? this.address(by, hideOther) : group.address(this)),
      id,
      type: stanzaType(message),
      t: sentAt === undefined ? nowSeconds() : String(Math.floor(sentAt.getTime() / 1000)),
      notify: this.name,
    };
    if (options.unavailable !== undefined) {
      const type = options.unavailable === '' ? undefined : options.unavailable;
      return node('message', attrs, [node('unavailable', { type })]);
    }
    if (group === undefined) {
      const { type, ciphertext } = await this.sealFor(to, message);
      return node('message', attrs, [
        node('enc', { v: '2', type, ...retry }, damage(ciphertext, options.damaged)),
      ]);
    }
    const sealed = await this.device.encryptForGroup(group.jid, group.idOf(this), message);
    const { type, ciphertext } = await this.sealFor(to, sealed.senderKey);
    return node('message', attrs, [
      node('enc', { v: '2', type, ...retry }, ciphertext),
      node('enc', { v: '2', type: 'skmsg' }, damage(sealed.ciphertext, options.damaged)),
    ]);
  }

  protected async sealFor(to: Companion, message: proto.IMessage): Promise<Ciphertext> {
    const jid = pnJid(to.phone.pn, to.device);
    if (!(await this.device.hasSession(jid))) await this.device.openSession(jid, to.takeBundle());
    return this.device.encrypt(jid, message);
  }

  private show(from: Companion, id: string, chat: string, encryption: string, message: proto.Message): void {
    const { journal } = this.world;
    const entry = { id, from: from.phone.pn, by: this.pn, chat, message, encryption, at: Date.now() };
    const isKnown = journal.seen.some(
      (old) => old.id === id && old.by === this.pn && old.from === entry.from,
    );
    (isKnown ? journal.repeated : journal.seen).push(entry);
  }

  private receipt(to: FakePhone, id: string, type?: string, group?: string): void {
    const from = group === undefined ? { from: this.lidJid } : { from: group, participant: this.lidJid };
    for (const companion of to.companions.values()) {
      companion.tell(node('receipt', { ...from, id, type, t: nowSeconds() }));
    }
  }

  private async asksAgain(from: Companion, id: string, chat: string): Promise<void> {
    const count = (this.retries.get(id) ?? 0) + 1;
    this.retries.set(id, count);
    if (count > 5) return;
    const { registrationId } = this.device.creds;
    const [registration, ...keys] = bundleNodes({ ...(await this.device.bundle()), registrationId });
    if (!registration) return;
    const isGroup = chat.endsWith('@g.us');
    const address = isGroup ? { from: chat, participant: this.lidJid } : { from: this.lidJid };
    from.deliver(
      node('receipt', { ...address, id, type: 'retry', t: nowSeconds() }, [
        node('retry', { count: String(count), id, t: nowSeconds(), v: '1' }),
        registration,
        node('keys', {}, keys),
      ]),
    );
  }
}

function damage(ciphertext: Buffer, isDamaged = false): Buffer {
  if (!isDamaged) return ciphertext;
  const copy = Buffer.from(ciphertext);
  const last = copy.length - 1;
  copy.writeUInt8(copy.readUInt8(last) ^ 0xff, last);
  return copy;
}
