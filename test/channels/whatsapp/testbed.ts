import { createWhatsAppChannel, type WhatsAppConfig } from '../../../channels/whatsapp/index.js';
import { toReference } from '../../../channels/whatsapp/media-reference.js';
import type {
  AccountState,
  Channel,
  ChannelAccount,
  ChannelErrorKind,
  InboundEvent,
  OutboundMessage,
  Receipt,
} from '../../../src/contracts/channel.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import type { ChannelTestbed } from '../../contracts/channel.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { recordingLogger } from '../../fakes/recording-logger.js';
import type { SendFault } from '../../fakes/whatsapp/faults.js';
import type { FakePerson } from '../../fakes/whatsapp/person.js';
import type { FakePhone } from '../../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../../fakes/whatsapp/start-fake-whatsapp.js';
import { runConnection, type RunningConnection } from './run-connection.js';

const FAULTS: Readonly<Partial<Record<ChannelErrorKind, SendFault>>> = {
  'rate-limited': { nack: '429' },
  gone: { nack: '404' },
  rejected: { nack: '400' },
  unreachable: { drop: 'before' },
};

let lastNumber = 6281200000000;

/** The fake WhatsApp with one business number, whose device is linked once for all tests of a file. */
export interface WhatsAppBed {
  readonly whatsapp: FakeWhatsApp;
  readonly phone: FakePhone;
  readonly channel: Channel<WhatsAppConfig>;
  readonly account: ChannelAccount<WhatsAppConfig>;
  readonly state: AccountState;
  readonly logged: string[];
  /** A person who has not written yet. */
  newPerson(name?: string): FakePerson;
  run(accept?: (event: InboundEvent) => Promise<void>): RunningConnection;
  /** Links a device to this state by QR code. */
  pair(state?: AccountState): Promise<void>;
  send(person: string, message: OutboundMessage, replyToMessageId?: string): Promise<Receipt>;
  close(): Promise<void>;
}

export async function openWhatsApp(config: Partial<WhatsAppConfig> = {}): Promise<WhatsAppBed> {
  const whatsapp = await startFakeWhatsApp();
  whatsapp.world.hasKeysOfNewDevices = true;
  const phone = whatsapp.world.phone('6281100000001', 'Toko Kopi');
  const logged: string[] = [];
  const channel = createWhatsAppChannel({ clock: systemClock, logger: recordingLogger(logged) });
  const account: ChannelAccount<WhatsAppConfig> = {
    id: 'account_1',
    tenantId: 'demo',
    channel: 'whatsapp',
    config: channel.configSchema.parse({
      wsUrl: whatsapp.url,
      mediaHost: whatsapp.mediaHost,
      caFile: whatsapp.caFile,
      noiseRoot: whatsapp.noiseRoot,
      messagesPerSecond: 100,
      ...config,
    }),
  };
  const state = createMemoryState();
  return {
    whatsapp,
    phone,
    channel,
    account,
    state,
    logged,
    newPerson: (name) => whatsapp.world.person(String(++lastNumber), name),
    run: (accept) => runConnection({ channel, account, state, ...(accept === undefined ? {} : { accept }) }),
    async pair(into = state) {
      const connection = runConnection({ channel, account, state: into });
      await phone.scans(await connection.qr());
      await connection.untilOpen();
      await connection.stop();
    },
    send: (person, message, replyToMessageId) =>
      channel.send(
        {
          chat: { chatId: person, kind: person.endsWith('@g.us') ? 'group' : 'direct' },
          ...(replyToMessageId === undefined ? {} : { replyToMessageId }),
        },
        message,
        account,
        new AbortController().signal,
      ),
    close: () => whatsapp.close(),
  };
}

/** The testbed of one contract test, using a device that is already linked. */
export async function contractBed(bed: WhatsAppBed): Promise<ChannelTestbed<WhatsAppConfig>> {
  const { whatsapp, phone, channel, account, state } = bed;
  const alice = bed.newPerson('Alice');
  let connection: RunningConnection | undefined;
  let arrival = Date.now();
  // Messages can only be sent through an open connection, and only people who wrote are not strangers.
  const connected: Channel<WhatsAppConfig> = {
    ...channel,
    async send(target, message, to, signal) {
      if (connection === undefined) {
        connection = bed.run();
        await alice.writes(phone, 'halo');
        await connection.untilOpen();
        const { accepted } = connection;
        while (accepted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return channel.send(target, message, to, signal);
    },
  };
  const rawText = (text: string): unknown => ({
    message: {
      key: { id: `3A${arrival}`, remoteJid: alice.lidJid, fromMe: false },
      message: { conversation: text },
      messageTimestamp: Math.floor(Date.now() / 1000),
      pushName: alice.name,
    },
    arrival: arrival++,
    receivedAt: Date.now(),
    chatId: alice.pn,
    senderId: alice.pn,
    me: { pn: phone.pn, lid: phone.lid },
  });
  return Promise.resolve({
    channel: connected,
    account,
    state,
    secrets: [],
    target: { chat: { chatId: alice.pn, kind: 'direct' } },
    rawText,
    rawCommand: (name, argumentText) => rawText(`/${name} ${argumentText}`),
    seen: () =>
      Promise.resolve(
        alice.sees(phone).map(({ id, message }) => ({
          messageId: id,
          text: message.extendedTextMessage?.text ?? message.conversation ?? '',
        })),
      ),
    failNextSend(kind) {
      const fault = FAULTS[kind];
      if (fault !== undefined) whatsapp.faults.onSend(fault);
      return fault !== undefined;
    },
    write: async (text) => void (await alice.writes(phone, text)),
    revoke() {
      phone.isBanned = true;
    },
    putFile: async (bytes) => toReference('document', await whatsapp.media.put('document', bytes)) ?? '',
    async close() {
      await connection?.stop();
      phone.isBanned = false;
    },
  });
}
