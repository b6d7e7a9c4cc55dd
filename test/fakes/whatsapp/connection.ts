import { decodeBinaryNode, encodeBinaryNode, type BinaryNode, type proto } from '@whiskeysockets/baileys';
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Companion, DeviceKeys } from './companion.js';
import { child, node, nowSeconds, parseJid } from './nodes.js';
import { NoiseResponder } from './noise.js';
import type { CodeRequest } from './pairing.js';
import { FakePhone } from './phone.js';
import { answerQuery } from './queries.js';
import { faultOf } from './stanza-rules.js';
import { takeMessage } from './take-message.js';
import type { World } from './world.js';

const QR_CODES = 6;

/** A client's socket: performs the handshake, then handles one stanza after another in order. */
export class Connection {
  readonly number: number;
  readonly refs: readonly string[] = Array.from({ length: QR_CODES }, () => `2@${randomUUID()}`);
  /** The keys of a device waiting to be linked. */
  registration: DeviceKeys | undefined;
  codeRequest: CodeRequest | undefined;
  companion: Companion | undefined;
  /** The backlog was delivered; from now on stanzas are sent immediately. */
  isLive = false;
  private readonly noise: NoiseResponder;
  private stage: 'hello' | 'finish' | 'open' = 'hello';
  private work: Promise<void> = Promise.resolve();
  private readonly asked = new Map<string, (answer: BinaryNode) => void>();
  private codeFinish: ((finish: BinaryNode) => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly world: World,
  ) {
    this.number = world.nextConnection();
    this.noise = new NoiseResponder(world.root);
    world.connections.add(this);
    socket.on('message', (data: Buffer) => {
      this.work = this.work.then(() => this.take(data)).catch((error: unknown) => this.fail(error));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.leave());
  }

  get account(): string | undefined {
    return this.companion && `${this.companion.phone.pn}:${this.companion.device}`;
  }

  send(stanza: BinaryNode): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(this.noise.seal(encodeBinaryNode(stanza)));
  }

  /** Sends a server query; resolves with the client's answer. */
  ask(query: BinaryNode): Promise<BinaryNode> {
    return new Promise((resolve) => {
      this.asked.set(query.attrs.id ?? '', resolve);
      this.send(query);
    });
  }

  expectCodeFinish(): Promise<BinaryNode> {
    return new Promise((resolve) => (this.codeFinish = resolve));
  }

  finishCode(finish: BinaryNode): void {
    this.codeFinish?.(finish);
  }

  /** Sends the reason and closes. */
  endWith(stanza: BinaryNode): void {
    this.send(stanza);
    this.leave();
    this.socket.close();
  }

  drop(): void {
    this.leave();
    this.socket.terminate();
  }

  /** The client is ready: sends what was waiting first, marked as such. */
  goLive(): void {
    const backlog = this.companion?.takeBacklog() ?? [];
    for (const stanza of backlog) this.send(stanza);
    this.isLive = true;
    this.send(node('ib', { from: 's.whatsapp.net' }, [node('offline', { count: String(backlog.length) })]));
  }

  private async take(data: Buffer): Promise<void> {
    for (const frame of this.noise.frames(data)) {
      if (this.stage === 'hello') {
        this.socket.send(this.noise.seal(this.noise.answer(frame)));
        this.stage = 'finish';
      } else if (this.stage === 'finish') {
        this.stage = 'open';
        this.admit(this.noise.finish(frame));
      } else await this.handle(await decodeBinaryNode(this.noise.open(frame)));
    }
  }

  private admit(payload: proto.ClientPayload): void {
    const { journal, faults } = this.world;
    const registering = payload.devicePairingData;
    const account = registering ? undefined : `${String(payload.username)}:${payload.device ?? 0}`;
    journal.logins.push({
      kind: registering ? 'registration' : 'login',
      ...(account === undefined ? {} : { account }),
      connection: this.number,
      at: Date.now(),
    });
    const reason = this.isTooOld(payload) ? '405' : (faults.nextLogin() ?? this.refusal(payload));
    if (reason !== undefined) return this.endWith(node('failure', { reason, location: 'fake' }));
    if (registering) this.startPairing(registering);
    else this.welcome();
  }

  private isTooOld(payload: proto.ClientPayload): boolean {
    const { primary, secondary, tertiary } = payload.userAgent?.appVersion ?? {};
    const version = [primary ?? 0, secondary ?? 0, tertiary ?? 0];
    const different = version.findIndex((part, index) => part !== this.world.oldestVersion[index]);
    return different !== -1 && (version[different] ?? 0) < (this.world.oldestVersion[different] ?? 0);
  }

  private refusal(payload: proto.ClientPayload): string | undefined {
    if (payload.devicePairingData) return undefined;
    const phone = this.world.find(String(payload.username));
    if (!(phone instanceof FakePhone)) return '401';
    if (phone.isBanned) return '403';
    this.companion = phone.companions.get(payload.device ?? 0);
    return this.companion === undefined ? '401' : undefined;
  }

  private startPairing(data: proto.ClientPayload.IDevicePairingRegistrationData): void {
    const bytes = (value: Uint8Array | null | undefined): Buffer => Buffer.from(value ?? []);
    this.registration = {
      registrationId: bytes(data.eRegid).readUInt32BE(0),
      identity: bytes(data.eIdent),
      signedPreKey: {
        id: bytes(data.eSkeyId).readUIntBE(0, 3),
        key: bytes(data.eSkeyVal),
        signature: bytes(data.eSkeySig),
      },
    };
    const refs = this.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
    this.send(
      node('iq', { from: 's.whatsapp.net', type: 'set', id: 'pair-device', xmlns: 'md' }, [
        node('pair-device', {}, refs),
      ]),
    );
  }

  /** A device's newer connection replaces the older one, which is told so. */
  private welcome(): void {
    const { companion } = this;
    if (!companion) return;
    const rival = companion.connection;
    companion.connection = this;
    if (rival) {
      this.world.journal.mostConnectionsAtOnce = Math.max(2, this.world.journal.mostConnectionsAtOnce);
      rival.endWith(node('stream:error', {}, [node('conflict', { type: 'replaced' })]));
    } else this.world.journal.mostConnectionsAtOnce ||= 1;
    this.send(node('success', { t: nowSeconds(), lid: companion.phone.jidsOf(companion).lid }));
  }

  private async handle(stanza: BinaryNode): Promise<void> {
    const { account, number: connection } = this;
    const received = { node: stanza, connection, at: Date.now() };
    this.world.journal.stanzas.push(account === undefined ? received : { ...received, account });
    const fault = faultOf(stanza);
    if (fault !== undefined) return this.refuse(stanza, fault);
    const { id = '', type } = stanza.attrs;
    if (stanza.tag === 'iq' && (type === 'result' || type === 'error')) {
      this.asked.get(id)?.(stanza);
      this.asked.delete(id);
    } else if (stanza.tag === 'iq') await answerQuery(this, stanza);
    else if (this.companion === undefined) this.noteEarly(stanza);
    else await this.handleOfDevice(this.companion, stanza);
  }

  /** Disconnects a client that sends a stanza the protocol does not allow, and records it for the tests. */
  private refuse({ tag, attrs }: BinaryNode, fault: string): void {
    this.world.journal.violations.push(`${fault}: ${tag} ${JSON.stringify(attrs)}`);
    this.endWith(node('stream:error', {}, [node('xml-not-well-formed')]));
  }

  /** Before login a client may only send information about itself. */
  private noteEarly({ tag }: BinaryNode): void {
    if (tag !== 'ib') this.world.journal.violations.push(`${tag} before login`);
  }

  private async handleOfDevice(companion: Companion, stanza: BinaryNode): Promise<void> {
    const { id = '', to, type, participant } = stanza.attrs;
    switch (stanza.tag) {
      case 'message':
        return takeMessage(this, companion, stanza);
      case 'receipt':
        if ((type === undefined || type === 'inactive') && this.world.faults.isNextReceiptLost())
          return this.drop();
        this.send(node('ack', { class: 'receipt', id, from: to, type, participant }));
        if (type === 'retry') await this.repeat(companion, stanza);
        else companion.confirm(id, 'message');
        return;
      case 'ack':
        companion.confirm(id, stanza.attrs.class);
        return;
      case 'ib':
        if (child(stanza, 'offline_batch')) this.goLive();
        return;
      default:
        return;
    }
  }

  private async repeat(companion: Companion, receipt: BinaryNode): Promise<void> {
    const { id = '', to = '', participant } = receipt.attrs;
    companion.confirm(id, 'message');
    const author = this.world.find(participant ?? parseJid(to).user);
    await author?.sendsAgain(companion, id, receipt);
  }

  private leave(): void {
    this.isLive = false;
    this.world.connections.delete(this);
    if (this.companion?.connection === this) this.companion.connection = undefined;
  }

  /** Disconnects a client that breaks the protocol, and records it for the tests. */
  private fail(error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.world.journal.violations.push(reason);
    this.drop();
  }
}
