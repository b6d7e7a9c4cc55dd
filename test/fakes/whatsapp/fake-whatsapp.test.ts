import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import makeWASocket, {
  DisconnectReason,
  downloadMediaMessage,
  getDevice,
  initAuthCreds,
  WA_CERT_DETAILS,
  type AuthenticationState,
  type ConnectionState,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import { startFakeWhatsApp, type FakeWhatsApp } from './start-fake-whatsapp.js';

const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

describe('the fake WhatsApp with the unmodified library', () => {
  let whatsapp: FakeWhatsApp;
  const clients: Client[] = [];
  beforeEach(async () => {
    // The library prints session keys to the console.
    for (const method of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation(() => undefined);
    }
    whatsapp = await startFakeWhatsApp();
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(whatsapp.noiseRoot, 'hex');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.stop();
    await whatsapp.close();
    vi.restoreAllMocks();
  });

  const client = (auth = newAuth()): Client => {
    const newClient = new Client(whatsapp, auth);
    clients.push(newClient);
    return newClient;
  };

  it('links a device by QR code, which then receives and sends', async () => {
    const phone = whatsapp.world.phone('6281100000001', 'Toko Kopi');
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    const bot = client();
    await bot.until(() => bot.qr !== undefined);
    await phone.scans(bot.qr ?? '');
    await bot.until(() => bot.isOpen);
    await alice.writes(phone, 'halo', { by: 'lid' });
    await bot.until(() => bot.texts.length === 1);
    await alice.writes(phone, 'buka?', { by: 'pn' });
    await bot.until(() => bot.texts.length === 2);
    expect(bot.texts).toEqual(['halo', 'buka?']);
    await bot.socket.sendMessage(alice.lidJid, { text: 'Ya, buka.' });
    await waitUntil(() => alice.sees(phone).length === 1);
    expect(alice.sees(phone)[0]?.message.extendedTextMessage?.text).toBe('Ya, buka.');
    expect(whatsapp.journal.ownCopies).toHaveLength(1);
    expect(whatsapp.journal.violations).toEqual([]);
    expect(whatsapp.journal.unknown).toEqual([]);
  });

  it('links a device by a pairing code', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const bot = client();
    await bot.until(() => bot.qr !== undefined);
    const code = await bot.socket.requestPairingCode(phone.pn);
    await expect(phone.enters('AAAAAAAA')).rejects.toThrow();
    bot.stop();
    const second = client();
    await second.until(() => second.qr !== undefined);
    const right = await second.socket.requestPairingCode(phone.pn);
    expect(right).not.toBe(code);
    await phone.enters(right);
    await second.until(() => second.isOpen);
  });

  it('keeps messages for an absent device, and repeats unconfirmed ones', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    const bot = await paired(phone);
    bot.stop();
    await waitUntil(() => phone.companions.get(1)?.connection === undefined);
    await alice.writes(phone, 'one');
    await alice.writes(phone, 'two');
    const again = client(bot.auth);
    await again.until(() => again.texts.length === 2);
    expect(again.texts).toEqual(['one', 'two']);
    expect(again.kinds).toEqual(['append', 'append']);
    await waitUntil(() => phone.companions.get(1)?.waitingCount === 0);
  });

  it('carries messages in groups, with files', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    const bob = whatsapp.world.person('6281200000003', 'Bob');
    const group = whatsapp.world.group('120363000000000001', 'Kopi', [phone, alice, bob]);
    const bot = await paired(phone);
    const file = randomBytes(70_000);
    const imageMessage = {
      ...(await whatsapp.media.put('image', file)),
      mimetype: 'image/jpeg',
      caption: 'ini',
    };
    await alice.writes(phone, { imageMessage }, { group });
    await bot.until(() => bot.messages.length === 1);
    const [message] = bot.messages;
    expect(message?.key).toMatchObject({ remoteJid: group.jid, participant: alice.lidJid });
    expect(getDevice(message?.key.id ?? '')).toBe('ios');
    if (message?.message?.imageMessage) message.message.imageMessage.directPath = null;
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const loaded = await downloadMediaMessage(message as WAMessage, 'buffer', {});
    vi.unstubAllEnvs();
    expect(Buffer.compare(loaded, file)).toBe(0);
    await bot.socket.sendMessage(group.jid, { image: file, caption: 'balasan' });
    await bot.socket.sendMessage(group.jid, { text: 'lagi' });
    await waitUntil(() => bob.sees(phone).length === 2);
    expect(alice.sees(phone)).toHaveLength(2);
    const { directPath } = bob.sees(phone)[0]?.message.imageMessage ?? {};
    expect(whatsapp.media.file(directPath ?? '')?.length).toBeGreaterThan(file.length);
    expect(whatsapp.journal.violations).toEqual([]);
  });

  it('requests unreadable messages again, in both directions', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    const bot = await paired(phone);
    await alice.writes(phone, 'first');
    await alice.writes(phone, 'damaged', { damaged: true });
    await bot.until(() => bot.texts.includes('damaged'));
    alice.cannotDecrypt = 1;
    await bot.socket.sendMessage(alice.lidJid, { text: 'answer' });
    await waitUntil(() => alice.sees(phone).length === 1);
    expect(whatsapp.journal.undecryptable).toHaveLength(1);
  });

  it('delivers an unavailable message when the phone is asked for it', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const alice = whatsapp.world.person('6281200000002', 'Alice');
    const bot = await paired(phone);
    await alice.writes(phone, 'from an advertisement', { unavailable: '' });
    await bot.until(() => bot.texts.includes('from an advertisement'));
  });

  it('refuses what the real one refuses, with the same codes', async () => {
    const phone = whatsapp.world.phone('6281100000001');
    const bot = await paired(phone);
    const rival = client(bot.auth);
    await bot.until(() => bot.closes.includes(DisconnectReason.connectionReplaced));
    await rival.until(() => rival.isOpen);
    rival.stop();
    whatsapp.world.oldestVersion = [2, 9999, 0];
    const old = client(bot.auth);
    await old.until(() => old.closes.includes(405));
    whatsapp.world.oldestVersion = [2, 3000, 0];
    phone.isBanned = true;
    const banned = client(bot.auth);
    await banned.until(() => banned.closes.includes(DisconnectReason.forbidden));
    phone.isBanned = false;
    phone.unlinks();
    const unlinked = client(bot.auth);
    await unlinked.until(() => unlinked.closes.includes(DisconnectReason.loggedOut));
  });

  async function paired(phone: ReturnType<FakeWhatsApp['world']['phone']>): Promise<Client> {
    const bot = client();
    await bot.until(() => bot.qr !== undefined);
    await phone.scans(bot.qr ?? '');
    await bot.until(() => bot.isOpen);
    return bot;
  }
});

function newAuth(): AuthenticationState {
  const types = new Map<string, Record<string, unknown>>();
  const table = (type: string): Record<string, unknown> => {
    const entries = types.get(type) ?? {};
    types.set(type, entries);
    return entries;
  };
  return {
    creds: initAuthCreds(),
    keys: {
      get: (type, ids) => {
        const entries = ids
          .filter((id) => (table(type)[id] ?? null) !== null)
          .map((id) => [id, table(type)[id]]);
        return Object.fromEntries(entries) as never;
      },
      set: (data) => {
        for (const [type, values] of Object.entries(data)) Object.assign(table(type), values);
      },
    },
  };
}

/** Uses the library as its documentation describes: connects, and reconnects when told to restart. */
class Client {
  socket: WASocket;
  qr: string | undefined;
  isOpen = false;
  readonly messages: WAMessage[] = [];
  readonly kinds: string[] = [];
  readonly closes: number[] = [];
  private isStopped = false;

  constructor(
    private readonly whatsapp: FakeWhatsApp,
    readonly auth: AuthenticationState,
  ) {
    this.socket = this.connect();
  }

  get texts(): readonly string[] {
    return this.messages.flatMap(({ message }) => message?.conversation ?? []);
  }

  until(condition: () => boolean): Promise<void> {
    return waitUntil(condition, 8_000);
  }

  stop(): void {
    this.isStopped = true;
    void this.socket.end(undefined);
  }

  private connect(): WASocket {
    const agent = new Agent({ ca: readFileSync(this.whatsapp.caFile) });
    const socket = makeWASocket({
      auth: this.auth,
      waWebSocketUrl: this.whatsapp.url,
      logger: silent,
      fetchAgent: agent,
      shouldSyncHistoryMessage: () => false,
    });
    socket.ev.on('creds.update', (update) => void Object.assign(this.auth.creds, update));
    socket.ev.on('connection.update', (update) => this.follow(update));
    socket.ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) {
        if (message.key.fromMe || !message.message) continue;
        this.messages.push(message);
        this.kinds.push(type);
      }
    });
    return socket;
  }

  private follow({ connection, qr, lastDisconnect }: Partial<ConnectionState>): void {
    if (qr !== undefined) this.qr = qr;
    this.isOpen = connection === 'open' || (connection === undefined && this.isOpen);
    if (connection !== 'close') return;
    const { output } = (lastDisconnect?.error ?? {}) as { output?: { statusCode?: number } };
    this.closes.push(output?.statusCode ?? 0);
    if (output?.statusCode === DisconnectReason.restartRequired && !this.isStopped) {
      this.socket = this.connect();
    }
  }
}
