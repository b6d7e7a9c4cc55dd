import {
  addTransactionCapability,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateSignalPubKey,
  initAuthCreds,
  proto,
  unpadRandomMax16,
  type AuthenticationCreds,
  type SignalDataTypeMap,
  type SignalKeyStore,
  type SignalRepositoryWithLIDStore,
} from '@whiskeysockets/baileys';
import { withoutFailedTries } from '../../../channels/whatsapp/session/tried-sessions.js';
import { bigEndian, bytesOf, child, node, numberOf } from './nodes.js';
import type { BinaryNode } from '@whiskeysockets/baileys';

/** Public keys for opening a session; every one-time key is handed out once. */
export interface KeyBundle {
  readonly registrationId: number;
  readonly identity: Buffer;
  readonly signedPreKey: { readonly id: number; readonly key: Buffer; readonly signature: Buffer };
  readonly preKey?: { readonly id: number; readonly key: Buffer };
}

export interface Ciphertext {
  readonly type: 'pkmsg' | 'msg';
  readonly ciphertext: Buffer;
}

const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A phone's side of the Signal protocol: its keys and its sessions with other devices. */
export class SignalDevice {
  readonly creds: AuthenticationCreds = initAuthCreds();
  private readonly keys: ReturnType<typeof addTransactionCapability>;
  private readonly repository: SignalRepositoryWithLIDStore;
  private nextPreKeyId = 1;

  constructor(readonly jid: string) {
    this.creds.me = { id: jid };
    this.keys = addTransactionCapability(memoryStore(), silent, {
      maxCommitRetries: 1,
      delayBetweenTriesMs: 1,
    });
    this.repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      { creds: this.creds, keys: withoutFailedTries(this.keys) },
      silent,
      undefined,
    );
  }

  async bundle(): Promise<KeyBundle> {
    const id = this.nextPreKeyId++;
    const pair = Curve.generateKeyPair();
    await this.keys.set({ 'pre-key': { [id]: pair } });
    const { registrationId, signedIdentityKey, signedPreKey } = this.creds;
    return {
      registrationId,
      identity: Buffer.from(signedIdentityKey.public),
      signedPreKey: {
        id: signedPreKey.keyId,
        key: Buffer.from(signedPreKey.keyPair.public),
        signature: Buffer.from(signedPreKey.signature),
      },
      preKey: { id, key: Buffer.from(pair.public) },
    };
  }

  async hasSession(jid: string): Promise<boolean> {
    return (await this.repository.validateSession(jid)).exists;
  }

  async openSession(jid: string, bundle: KeyBundle): Promise<void> {
    const { registrationId, identity, signedPreKey, preKey } = bundle;
    const prefixed = (key: Buffer): Uint8Array => generateSignalPubKey(key);
    await this.repository.injectE2ESession({
      jid,
      session: {
        registrationId,
        identityKey: prefixed(identity),
        signedPreKey: {
          keyId: signedPreKey.id,
          publicKey: prefixed(signedPreKey.key),
          signature: signedPreKey.signature,
        },
        ...(preKey === undefined ? {} : { preKey: { keyId: preKey.id, publicKey: prefixed(preKey.key) } }),
      },
    });
  }

  async encrypt(jid: string, message: proto.IMessage): Promise<Ciphertext> {
    const { type, ciphertext } = await this.repository.encryptMessage({
      jid,
      data: encodeWAMessage(message),
    });
    return { type, ciphertext: Buffer.from(ciphertext) };
  }

  async decrypt(jid: string, type: string, ciphertext: Uint8Array): Promise<proto.Message> {
    if (type !== 'pkmsg' && type !== 'msg') throw new Error(`not a message between two: ${type}`);
    const plain = await this.repository.decryptMessage({ jid, type, ciphertext });
    return proto.Message.decode(unpadRandomMax16(plain));
  }

  async encryptForGroup(
    group: string,
    as: string,
    message: proto.IMessage,
  ): Promise<{ readonly ciphertext: Buffer; readonly senderKey: proto.IMessage }> {
    const sealed = await this.repository.encryptGroupMessage({
      group,
      meId: as,
      data: encodeWAMessage(message),
    });
    return {
      ciphertext: Buffer.from(sealed.ciphertext),
      senderKey: {
        senderKeyDistributionMessage: {
          groupId: group,
          axolotlSenderKeyDistributionMessage: sealed.senderKeyDistributionMessage,
        },
      },
    };
  }

  async learnSenderKey(author: string, item: proto.Message.ISenderKeyDistributionMessage): Promise<void> {
    await this.repository.processSenderKeyDistributionMessage({ authorJid: author, item });
  }

  async decryptFromGroup(group: string, author: string, ciphertext: Uint8Array): Promise<proto.Message> {
    const plain = await this.repository.decryptGroupMessage({ group, authorJid: author, msg: ciphertext });
    return proto.Message.decode(unpadRandomMax16(plain));
  }
}

/** The nodes of a bundle, as handed out by the server and included in a retry receipt. */
export function bundleNodes(bundle: KeyBundle): BinaryNode[] {
  const { signedPreKey, preKey } = bundle;
  return [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, bundle.identity),
    node('skey', {}, [
      node('id', {}, bigEndian(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.key),
      node('signature', {}, signedPreKey.signature),
    ]),
    ...(preKey
      ? [node('key', {}, [node('id', {}, bigEndian(preKey.id, 3)), node('value', {}, preKey.key)])]
      : []),
  ];
}

export function readPreKey(key: BinaryNode): { readonly id: number; readonly key: Buffer } {
  return { id: numberOf(child(key, 'id')), key: bytesOf(child(key, 'value')) };
}

function memoryStore(): SignalKeyStore {
  const types = new Map<string, Map<string, unknown>>();
  const table = (type: string): Map<string, unknown> => {
    const entries = types.get(type) ?? new Map<string, unknown>();
    types.set(type, entries);
    return entries;
  };
  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const entries = ids.flatMap((id) => {
        const value = table(type).get(id);
        return value === undefined || value === null ? [] : [[id, value] as const];
      });
      return Object.fromEntries(entries) as Record<string, SignalDataTypeMap[T]>;
    },
    set(data) {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values)) table(type).set(id, value);
      }
    },
  };
}
