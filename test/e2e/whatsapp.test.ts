import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { tokenFor } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakePerson } from '../fakes/whatsapp/person.js';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import {
  runEntry,
  removeDataDir,
  startSapa,
  temporaryDataDir,
  type RunningSapa,
} from './support/start-sapa.js';

const ACCOUNT = 'demo-whatsapp';
const BOT = tokenFor('1100000000000000005');
const accountsSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      paused: z.boolean(),
      reason: z.string().optional(),
      qr: z.string().optional(),
      pairing_code: z.string().optional(),
    }),
  ),
});
type Account = z.output<typeof accountsSchema>['items'][number];

describe('a business on WhatsApp', () => {
  let whatsapp: FakeWhatsApp;
  let phone: FakePhone;
  let alice: FakePerson;
  let discord: FakeDiscord;
  let dataDir: string;
  let sapa: RunningSapa;
  let env: Record<string, string>;
  beforeAll(async () => {
    silenceLibsignal();
    whatsapp = await startFakeWhatsApp();
    discord = await startFakeDiscord();
    discord.world.app(BOT);
    phone = whatsapp.world.phone('6281100000001', 'Toko Kopi');
    alice = whatsapp.world.person('6281200000002', 'Alice');
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
  }, 120_000);
  afterAll(async () => {
    await sapa.stop();
    await whatsapp.close();
    await discord.close();
    await removeDataDir(dataDir);
  });

  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${sapa.url}/v1/tenants/demo/channels${path}`, {
      method,
      headers: { 'x-api-key': sapa.adminKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const account = async (): Promise<Account | undefined> => {
    const { items } = accountsSchema.parse(await (await call('GET', '')).json());
    return items.find(({ id }) => id === ACCOUNT);
  };
  const visibleTexts = (): readonly string[] =>
    alice.sees(phone).map(({ message }) => message.extendedTextMessage?.text ?? message.conversation ?? '');

  it('is paired with the QR code that the API shows as text and picture', { timeout: 120_000 }, async () => {
    const waiting = await eventually(account, (state) => state?.qr !== undefined);
    const picture = await call('GET', `/${ACCOUNT}/qr.png`);
    expect(picture.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await picture.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    await phone.scans(waiting?.qr ?? '');
    await eventually(account, (state) => state?.state === 'open');
    expect((await call('GET', `/${ACCOUNT}/qr.png`)).status).toBe(404);
  });

  it(
    'answers one person under both ids as one contact in one conversation',
    { timeout: 120_000 },
    async () => {
      await alice.writes(phone, 'What are your opening hours?', { by: 'lid' });
      await eventually(
        () => Promise.resolve(visibleTexts()),
        (texts) => texts.length >= 1,
      );
      await alice.writes(phone, '/help', { by: 'pn' });
      await eventually(
        () => Promise.resolve(visibleTexts()),
        (texts) => texts.some((text) => text.includes('/help')),
      );
      const contacts = await fetch(`${sapa.url}/v1/conversations`, {
        headers: { 'x-api-key': sapa.adminKey, 'x-tenant-id': 'demo' },
      });
      const { items } = z.object({ items: z.array(z.looseObject({})) }).parse(await contacts.json());
      expect(items).toHaveLength(1);
      expect(whatsapp.journal.repeated).toEqual([]);
      expect(whatsapp.journal.violations).toEqual([]);
    },
  );

  it(
    'joins a person seen by LID alone and by number alone into one contact and conversation',
    { timeout: 120_000 },
    async () => {
      const dewi = whatsapp.world.person('6281200000009', 'Dewi');
      dewi.hidesLid = true;
      const get = async (path: string): Promise<{ id: string; name?: string }[]> => {
        const answer = await fetch(`${sapa.url}/v1${path}`, {
          headers: { 'x-api-key': sapa.adminKey, 'x-tenant-id': 'demo' },
        });
        const schema = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
        return schema.parse(await answer.json()).items;
      };
      const answers = (count: number) =>
        eventually(
          () => dewi.sees(phone).length,
          (value) => value >= count,
        );
      await dewi.writes(phone, '/privacy', { by: 'lid', hideOther: true });
      await answers(1);
      await dewi.writes(phone, '/help', { by: 'pn', hideOther: true });
      await answers(2);
      expect(await get('/contacts?query=Dewi')).toHaveLength(2);
      await dewi.writes(phone, '/language en', { by: 'lid' });
      await answers(3);
      const contacts = await get('/contacts?query=Dewi');
      expect(contacts).toHaveLength(1);
      const conversations = await get(`/conversations?contact_id=${contacts[0]?.id ?? ''}`);
      expect(conversations).toHaveLength(1);
      const messages = await get(`/conversations/${conversations[0]?.id ?? ''}/messages`);
      const texts = messages.map((message) => (message as { text?: string }).text ?? '');
      for (const text of ['/privacy', '/help', '/language en']) {
        expect(
          texts.some((line) => line.includes(text)),
          text,
        ).toBe(true);
      }
    },
  );

  it(
    'loses and repeats nothing when it is killed, and needs no new pairing',
    { timeout: 180_000 },
    async () => {
      const before = visibleTexts().length;
      const logins = whatsapp.journal.logins.length;
      await alice.writes(phone, '/language en');
      await sapa.kill();
      await alice.writes(phone, '/privacy');
      sapa = await startSapa({ dataDir, env });
      await eventually(
        () => Promise.resolve(visibleTexts()),
        (texts) => texts.length >= before + 2,
        90_000,
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(visibleTexts()).toHaveLength(before + 2);
      expect(whatsapp.journal.logins.slice(logins).every(({ kind }) => kind === 'login')).toBe(true);
    },
  );

  it(
    'is paired again from the terminal with a code after the phone unlinked it',
    { timeout: 180_000 },
    async () => {
      phone.unlinks();
      await eventually(account, (state) => state?.state === 'needs-pairing');
      const args = [
        'channels',
        'pair',
        '--tenant',
        'demo',
        '--method',
        'code',
        '--phone',
        '+62 811 0000 0001',
      ];
      const command = runEntry('src/cli.js', { dataDir, env, args });
      const typing = await eventually(account, (state) => state?.pairing_code !== undefined);
      // People need at least this long to read the code in the terminal and type it.
      await pause(3_000);
      await phone.enters(typing?.pairing_code ?? '');
      const { code, stdout } = await command;
      expect(stdout).toMatch(/Type: [0-9A-Z]{4}-[0-9A-Z]{4}/);
      expect(stdout).toContain('is paired and connected');
      expect(code).toBe(0);
      await alice.writes(phone, '/help');
      const before = visibleTexts().length;
      await eventually(
        () => Promise.resolve(visibleTexts()),
        (texts) => texts.length > before,
      );
    },
  );

  it(
    'can be paused and resumed, and answers afterwards what people wrote meanwhile',
    { timeout: 120_000 },
    async () => {
      const paused = await call('PATCH', `/${ACCOUNT}`, { paused: true });
      expect(await paused.json()).toMatchObject({ paused: true, state: 'stopped', reason: 'paused' });
      await waitUntil(() => whatsapp.world.connections.size === 0);
      const before = visibleTexts().length;
      await alice.writes(phone, '/help');
      expect(await account()).toMatchObject({ paused: true, state: 'stopped', reason: 'paused' });
      expect(visibleTexts()).toHaveLength(before);
      expect((await call('PATCH', '/unknown', { paused: true })).status).toBe(404);
      const resumed = await call('PATCH', `/${ACCOUNT}`, { paused: false });
      expect(await resumed.json()).toMatchObject({ paused: false });
      await eventually(visibleTexts, (texts) => texts.length > before);
    },
  );

  it(
    'is paired by staff from Discord with a QR picture in private and a final confirmation',
    { timeout: 180_000 },
    async () => {
      const app = discord.world.app(BOT);
      const ratri = discord.world.member('ratri');
      const settings = await fetch(`${sapa.url}/v1/tenants/demo/settings`, {
        method: 'PATCH',
        headers: { 'x-api-key': sapa.adminKey, 'content-type': 'application/json' },
        body: JSON.stringify({ staff: [{ channel: 'discord', user_id: ratri.user.id }] }),
      });
      expect(settings.status).toBe(200);
      const dm = ratri.dmWith(app);
      phone.unlinks();
      await eventually(account, (state) => state?.state === 'needs-pairing');
      ratri.writes(dm, '/language en');
      // Others can read the room: it gets no code, only a hint where to ask for one.
      const room = discord.world.textChannel(discord.world.guild('Toko', app), 'staff');
      ratri.writes(room, `<@${app.user.id}> /channel pair`);
      await eventually(
        () => app.journal.texts(room.id),
        (texts) => texts.some((text) => text.includes('sapa channels pair')),
      );
      expect(app.journal.messages(room.id).flatMap(({ attachments }) => attachments)).toEqual([]);
      ratri.writes(dm, '/channel pair');
      const pictures = (): readonly string[] =>
        app.journal.messages(dm.id).flatMap(({ attachments }) => attachments.map(({ url }) => url));
      await eventually(pictures, (urls) => urls.length > 0);
      const picture = await fetch(pictures()[0] ?? '');
      const bytes = Buffer.from(await picture.arrayBuffer());
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      await phone.scans((await account())?.qr ?? '');
      await eventually(
        () => app.journal.texts(dm.id),
        (texts) => texts.some((text) => text.includes('is paired and connected')),
      );
      ratri.writes(dm, '/channel list');
      await eventually(
        () => app.journal.texts(dm.id),
        (texts) => texts.some((text) => text.includes('whatsapp · `demo-whatsapp` · connected')),
      );
      ratri.writes(dm, '/channel add telegram');
      await eventually(
        () => app.journal.texts(dm.id),
        (texts) => texts.some((text) => text.includes('needs a token')),
      );
    },
  );

  it('refuses an invalid pairing request and an unknown account', async () => {
    const wrong = await call('POST', `/${ACCOUNT}/pair`, { method: 'code' });
    expect(wrong.status).toBe(400);
    expect((await call('POST', '/unknown/pair', { method: 'qr' })).status).toBe(404);
  });
});
