import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { BreakableLink } from '../fakes/breakable-link.js';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import type { FakeMember } from '../fakes/discord/fake-member.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import {
  removeDataDir,
  runEntry,
  startSapa,
  temporaryDataDir,
  type RunningSapa,
} from './support/start-sapa.js';

bePatient();

const TELEGRAM = '100:a-secret-token-of-a-test';
const DISCORD = tokenFor('1100000000000000031');
const STAFF = 7;
/** Long enough for an unwanted second notice to appear. */
const QUIET_MS = 2_500;

let telegram: FakeTelegram;
let discord: FakeDiscord;
let whatsapp: FakeWhatsApp;
let bot: FakeBot;
let app: FakeApp;
let dewi: FakeMember;
let links: Readonly<Record<'telegram' | 'discord' | 'whatsapp', BreakableLink>>;
let dataDir: string;
let env: Record<string, string>;
let sapa: RunningSapa;
let shop: SapaClient;

beforeAll(async () => {
  silenceLibsignal();
  [telegram, discord, whatsapp] = await Promise.all([
    startFakeTelegram(),
    startFakeDiscord(),
    startFakeWhatsApp(),
  ]);
  bot = telegram.bot(TELEGRAM);
  app = discord.world.app(DISCORD);
  dewi = discord.world.member('dewi');
  links = {
    telegram: new BreakableLink(telegram.apiRoot),
    discord: new BreakableLink(discord.apiBase),
    whatsapp: new BreakableLink(whatsapp.url),
  };
  for (const link of Object.values(links)) await link.mend();
  // The gateway's address, too, leads through the link.
  discord.world.base = `http://${links.discord.address}`;
  dataDir = await temporaryDataDir();
  env = {
    TELEGRAM_BOT_TOKEN: TELEGRAM,
    TELEGRAM_API_ROOT: `http://${links.telegram.address}`,
    DISCORD_TOKEN: DISCORD,
    DISCORD_API_BASE: `http://${links.discord.address}/api`,
    WHATSAPP_ENABLED: 'true',
    WHATSAPP_WS_URL: whatsapp.url.replace(/\/\/[^/]+/, `//${links.whatsapp.address}`),
    WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
    WHATSAPP_CA_FILE: whatsapp.caFile,
    WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    OUTAGE_NOTICE_SECONDS: '2',
  };
  sapa = await startSapa({ dataDir, env });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  await pairWhatsApp();
  await makeStaff();
});
afterAll(async () => {
  await sapa.stop();
  await Promise.all([...Object.values(links).map((link) => link.cut()), telegram.close(), discord.close()]);
  await whatsapp.close();
  await removeDataDir(dataDir);
});

interface ListedAccount {
  readonly channel: string;
  readonly state: string;
  readonly reason?: string;
  readonly qr?: string;
}

async function accountOn(channel: string): Promise<ListedAccount | undefined> {
  const { body } = await shop.call('GET', '/v1/tenants/demo/channels');
  return (body['items'] as readonly ListedAccount[]).find((account) => account.channel === channel);
}

async function pairWhatsApp(): Promise<void> {
  const shown = await eventually(
    () => accountOn('whatsapp'),
    (account) => account?.qr !== undefined,
  );
  await whatsapp.world.phone('6281100000001', 'Toko').scans(shown?.qr ?? '');
  await eventually(
    () => accountOn('whatsapp'),
    (account) => account?.state === 'open',
  );
}

async function makeStaff(): Promise<void> {
  bot.user(STAFF, STAFF, { language_code: 'en' }).sends('/start');
  dewi.writes(dewi.dmWith(app), 'hello');
  await eventually(
    () => [onTelegram().length, onDiscord().length] as const,
    ([one, two]) => one > 0 && two > 0,
  );
  const staff = [
    { channel: 'telegram', user_id: String(STAFF) },
    { channel: 'discord', user_id: dewi.user.id },
  ];
  const { status, text } = await shop.call('PATCH', '/v1/tenants/demo/settings', { json: { staff } });
  expect(status, text).toBe(200);
}

const onTelegram = (): readonly string[] => bot.journal.messages(STAFF).map(({ text = '' }) => text);
const onDiscord = (): readonly string[] => app.journal.texts(dewi.dmWith(app).id);

/** The line about this channel in the output of a command. */
async function lineOf(channel: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runEntry('src/cli.js', { dataDir, env, args });
  const line = stdout.split('\n').find((each) => each.includes(`demo-${channel}`));
  return line ?? stdout + stderr;
}

it.each([
  ['telegram', onDiscord],
  ['discord', onTelegram],
  ['whatsapp', onTelegram],
] as const)(
  'staff are told once on another channel that %s is out of reach, and once that it is back',
  async (channel, elsewhere) => {
    const notices = (words: RegExp): readonly string[] =>
      elsewhere().filter((text) => text.includes(`${channel} (demo-${channel})`) && words.test(text));
    const before = notices(/connected/).length;
    await links[channel].cut();
    await eventually(
      () => notices(/out of reach/),
      (told) => told.length > 0,
    );
    const down = await accountOn(channel);
    expect(down).toMatchObject({ state: 'backing-off', reason: expect.stringMatching(/\w{3}/) as string });
    const reason = String(down?.reason);
    expect(notices(/out of reach/).join()).toContain(reason);
    const [listed, checked] = await Promise.all([
      lineOf(channel, 'channels', 'list', '--tenant', 'demo'),
      lineOf(channel, 'doctor'),
    ]);
    expect(listed).toMatch(/backing-off/);
    for (const line of [listed, checked]) expect(line).toContain(reason);
    await pause(QUIET_MS);
    expect(notices(/out of reach/)).toHaveLength(1);

    await links[channel].mend();
    await eventually(
      () => notices(/connected/),
      (told) => told.length > before,
      120_000,
    );
    await pause(QUIET_MS);
    expect(notices(/out of reach|connected/)).toHaveLength(before + 2);
    expect(await accountOn(channel)).toMatchObject({ state: 'open' });
  },
);
