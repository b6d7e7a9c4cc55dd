import { randomBytes } from 'node:crypto';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually } from '../support/wait.js';
import {
  BUSINESSES,
  MOST_WAITING,
  type Business,
  type StormConversation,
  type StormPlatform,
} from './platform.js';

export async function whatsAppStorm(conversations: number): Promise<StormPlatform> {
  const whatsapp = await startFakeWhatsApp();
  const { world, journal, faults } = whatsapp;
  const phones: Readonly<Record<Business, FakePhone>> = {
    satu: world.phone('6281100000001', 'Satu'),
    dua: world.phone('6281100000002', 'Dua'),
  };
  const delivered: { readonly again: () => Promise<void> }[] = [];

  const conversation = (index: number): StormConversation => {
    const business = BUSINESSES[index % 2] ?? 'satu';
    const phone = phones[business];
    const person = world.person(`62812${String(Math.floor(index / 2)).padStart(8, '0')}`, `Person ${index}`);
    let count = 0;
    const send = async (text: string): Promise<void> => {
      const id = `3A${randomBytes(9).toString('hex').toUpperCase()}`;
      // The server alternates between the two ids of a person.
      const by = count++ % 2 === 0 ? 'lid' : 'pn';
      await person.writes(phone, text, { id, by });
      delivered.push({ again: async () => void (await person.writes(phone, text, { id, by })) });
    };
    return {
      name: `W${BUSINESSES.indexOf(business) + 1}C${String(index).padStart(3, '0')}`,
      business,
      async write(text, twin) {
        if (twin !== undefined) await send(twin);
        await send(text);
      },
      seen: () =>
        person
          .sees(phone)
          .map(({ message }) => message.extendedTextMessage?.text ?? message.conversation ?? ''),
    };
  };

  return {
    name: 'whatsapp',
    account: () => ({
      channel: 'whatsapp',
      config: {
        wsUrl: whatsapp.url,
        mediaHost: whatsapp.mediaHost,
        caFile: whatsapp.caFile,
        noiseRoot: whatsapp.noiseRoot,
        messagesPerSecond: 50,
      },
    }),
    async connect(business, state) {
      const { qr = '' } = await eventually(state, (current) => current.qr !== undefined);
      await phones[business].scans(qr);
      await eventually(state, (current) => current.state === 'open');
    },
    conversations: Array.from({ length: conversations }, (_, index) => conversation(index)),
    async repeat(random) {
      await delivered[random.between(Math.max(0, delivered.length - 30), delivered.length - 1)]?.again();
    },
    trouble(random) {
      const phone = phones[BUSINESSES[random.between(0, 1)] ?? 'satu'];
      // A number that loses its connection is silent for seconds; with more frequent losses it would never
      // send anything.
      if (faults.waiting >= MOST_WAITING) return;
      const kind = random.between(0, 40);
      if (kind === 0) phone.dropsConnections();
      else if (kind === 1) phone.endsStreams('503');
      else if (kind > 14) return;
      else if (kind === 2) faults.onSend({ drop: 'before' });
      else if (kind === 3) faults.onSend({ drop: 'after' });
      else faults.onSend({ delayMs: random.between(500, 2_000) });
    },
    calm: () => faults.clear(),
    inDoubtAt: () => new Set(),
    violations: () => [
      ...journal.violations,
      ...journal.undecryptable.map(({ id, by }) => `whatsapp: ${by} could not read ${id}`),
      ...journal.refused.map(({ id, error }) => `whatsapp: ${id} refused with ${error}`),
    ],
    close: () => whatsapp.close(),
  };
}
