import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel } from '../fakes/discord/types.js';
import type { FakePerson } from '../fakes/whatsapp/person.js';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, waitForSample, type SapaClient } from './support/http-client.js';
import {
  removeDataDir,
  runEntry,
  startSapa,
  temporaryDataDir,
  type RunningSapa,
} from './support/start-sapa.js';

bePatient();

const BOT = tokenFor('1100000000000000041');

let whatsapp: FakeWhatsApp;
let discord: FakeDiscord;
let app: FakeApp;
let desk: FakeChannel;
let phone: FakePhone;
let ani: FakePerson;
let dataDir: string;
let env: Record<string, string>;
let sapa: RunningSapa;
let shop: SapaClient;

/** A customer on WhatsApp, staff on Discord. */
beforeAll(async () => {
  silenceLibsignal();
  [whatsapp, discord] = await Promise.all([startFakeWhatsApp(), startFakeDiscord()]);
  app = discord.world.app(BOT);
  desk = discord.world.textChannel(discord.world.guild('Kawung', app), 'staff');
  phone = whatsapp.world.phone('6281100000001', 'Kawung');
  ani = whatsapp.world.person('6281200000002', 'Ani');
  env = {
    WHATSAPP_ENABLED: 'true',
    WHATSAPP_WS_URL: whatsapp.url,
    WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
    WHATSAPP_CA_FILE: whatsapp.caFile,
    WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    DISCORD_TOKEN: BOT,
    DISCORD_API_BASE: discord.apiBase,
  };
  dataDir = await temporaryDataDir();
  sapa = await startSapa({ dataDir, env });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  await waitForSample(shop);
  const inbox = { channel: 'discord', account_id: 'demo-discord', chat_id: desk.id };
  const { status, text } = await shop.call('PATCH', '/v1/tenants/demo/settings', {
    json: { handover: { inbox } },
  });
  expect(status, text).toBe(200);
});
afterAll(async () => {
  await sapa.stop();
  await Promise.all([whatsapp.close(), discord.close()]);
  await removeDataDir(dataDir);
});

const seen = (): readonly string[] =>
  ani
    .sees(phone)
    .map(({ message: { extendedTextMessage: text, conversation, protocolMessage: change } }) =>
      (
        change?.editedMessage?.extendedTextMessage?.text ??
        change?.editedMessage?.conversation ??
        text?.text ??
        conversation ??
        ''
      ).replaceAll('\u2060', ''),
    );

/** The new texts, once one of them contains the words. */
async function reads(words: RegExp, after: number): Promise<string> {
  const texts = await eventually(
    () => seen().slice(after),
    (news) => words.test(news.join('\n')),
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${String(words)} in ${JSON.stringify(seen())}`);
  });
  return texts.join('\n');
}

async function asks(content: Parameters<FakePerson['writes']>[1], words: RegExp): Promise<string> {
  const before = seen().length;
  await ani.writes(phone, content);
  return reads(words, before);
}

it('is paired from the terminal, and helps a customer until a person answers from a thread', async () => {
  const pairing = runEntry('src/cli.js', {
    dataDir,
    env,
    args: ['channels', 'pair', '--tenant', 'demo', '--method', 'code', '--phone', '+6281100000001'],
  });
  const code = await eventually(
    async () => {
      const { body } = await shop.call('GET', '/v1/tenants/demo/channels');
      const items = body['items'] as readonly { readonly channel: string; readonly pairing_code?: string }[];
      return items.find(({ channel }) => channel === 'whatsapp')?.pairing_code;
    },
    (shown) => shown !== undefined,
  );
  // People need at least this long to type the code.
  await pause(3_000);
  await phone.enters(code ?? '');
  expect((await pairing).stdout).toContain('is paired and connected');

  const whilePairing = whatsapp.journal.violations.length;
  await asks('halo', /Kawung/);
  await asks('/language en', /English/);
  await asks('What are your opening hours?', /\d{1,2}[.:]00/);

  const voice = await whatsapp.media.put('audio', Buffer.from('OggS a voice note'));
  await asks(
    { audioMessage: { ...voice, ptt: true, seconds: 3, mimetype: 'audio/ogg; codecs=opus' } },
    /voice/i,
  );
  const pdf = await whatsapp.media.put('document', await readFile('src/seed/demo/shipping-en.pdf'));
  await asks({ documentMessage: { ...pdf, fileName: 'order.pdf', mimetype: 'application/pdf' } }, /\w{3}/);

  const before = seen().length;
  const question = await ani.writes(phone, 'Do you ship to Bali?');
  await ani.edits(phone, question, 'Where is your shop located?');
  await reads(/Kemuning/, before);
  const unwanted = await ani.writes(phone, 'Never mind');
  await ani.revokes(phone, unwanted);

  await asks('Who will win the chess tournament?', /1. Talk to a person/);
  // Where there are no buttons, the number is the press.
  await asks('1', /passed this chat on to our team/);
  const thread = await eventually(
    () => [...discord.world.channels.values()].find(({ parentId }) => parentId === desk.id),
    (channel) => channel !== undefined,
  );
  if (thread === undefined) throw new Error('unreachable');
  const sari = discord.world.member('sari');
  const answered = seen().length;
  sari.writes(thread, 'Hello Ani, this is Sari');
  await reads(/Hello Ani, this is Sari/, answered);
  await ani.writes(phone, 'Is the blue shirt there?');
  await eventually(
    () => app.journal.texts(thread.id).join('\n'),
    (text) => text.includes('Is the blue shirt there?'),
  );
  sari.writes(thread, '/release');
  await reads(/assistant is back/, answered);
  await asks('What are your opening hours?', /\d{1,2}[.:]00/);
  expect(whatsapp.journal.violations.slice(whilePairing)).toEqual([]);
  expect([whatsapp.journal.repeated, app.journal.violations]).toEqual([[], []]);
});
