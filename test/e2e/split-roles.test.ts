import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { tokenFor } from '../fakes/discord/fake-app.js';
import { startFakeDiscord } from '../fakes/discord/start-fake-discord.js';
import { startFakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { startFakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, temporaryDataDir, type RunningSapa } from './support/start-sapa.js';

bePatient();

const TELEGRAM_TOKEN = '100:a-secret-token-of-a-test';
const DISCORD_TOKEN = tokenFor('1100000000000000031');
const QUESTION = 'Where is your shop located?';
/** The lease of a process that was killed has to end before another takes its work, in ms. */
const TAKEN_OVER_WITHIN_MS = 90_000;
/** Long enough for an unwanted second answer to appear, in ms. */
const QUIET_MS = 2_000;
const accountsSchema = z.object({
  items: z.array(z.object({ channel: z.string(), state: z.string(), qr: z.string().optional() })),
});

/** One process holds the connections and makes no answers; another makes them and holds no connection. */
let platforms: Awaited<ReturnType<typeof openPlatforms>>;
let dataDir: string;
let gateway: RunningSapa;
let worker: RunningSapa;

beforeAll(async () => {
  silenceLibsignal();
  platforms = await openPlatforms();
  dataDir = await temporaryDataDir();
  gateway = await startGateway();
  worker = await startWorker();
  await platforms.connect(gateway);
});
afterAll(async () => {
  await worker.stop();
  await gateway.stop();
  await platforms.close();
  await removeDataDir(dataDir);
});

async function openPlatforms() {
  const [telegram, discord, whatsapp] = await Promise.all([
    startFakeTelegram(),
    startFakeDiscord(),
    startFakeWhatsApp(),
  ]);
  const bot = telegram.bot(TELEGRAM_TOKEN);
  const app = discord.world.app(DISCORD_TOKEN);
  const ani = discord.world.member('ani');
  const room = ani.dmWith(app);
  const phone = whatsapp.world.phone('6281100000001', 'Toko Kopi');
  const alice = whatsapp.world.person('6281200000002', 'Alice');
  const ask = {
    telegram: () => Promise.resolve(bot.user(7, 7, { language_code: 'en' }).sends(QUESTION)),
    discord: () => Promise.resolve(ani.writes(room, QUESTION)),
    whatsapp: () => alice.writes(phone, QUESTION),
  };
  return {
    env: {
      TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_TOKEN,
      DISCORD_API_BASE: discord.apiBase,
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_WS_URL: whatsapp.url,
      WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
      WHATSAPP_CA_FILE: whatsapp.caFile,
      WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    },
    /** Everyone asks the question once. */
    async ask() {
      for (const write of Object.values(ask)) await write();
    },
    /** How many answers everyone has seen. */
    answers: () => ({
      telegram: bot.journal.messages(7).length,
      discord: app.journal.texts(room.id).length,
      whatsapp: alice.sees(phone).length,
    }),
    violations: () => [
      ...app.journal.violations,
      ...whatsapp.journal.violations,
      ...whatsapp.journal.undecryptable.map(({ id }) => `WhatsApp: nobody could read ${id}`),
    ],
    async connect(sapa: RunningSapa) {
      const client = sapaClient({ url: sapa.url, key: sapa.adminKey });
      const account = async () => {
        const { body } = await client.call('GET', '/v1/tenants/demo/channels');
        return accountsSchema.parse(body).items.find(({ channel }) => channel === 'whatsapp');
      };
      const waiting = await eventually(account, (state) => state?.qr !== undefined);
      await phone.scans(waiting?.qr ?? '');
      await eventually(account, (state) => state?.state === 'open');
      await waitUntil(() => app.gateway.isConnected);
    },
    close: () => Promise.all([telegram.close(), discord.close(), whatsapp.close()]),
  };
}

const startGateway = (env: Readonly<Record<string, string>> = {}): Promise<RunningSapa> =>
  startSapa({ dataDir, env: { ...platforms.env, ...env, ROLES: 'gateway,api' } });
const startWorker = (env: Readonly<Record<string, string>> = {}): Promise<RunningSapa> =>
  startSapa({ dataDir, env: { ...platforms.env, ...env, ROLES: 'worker,api' } });

/** Everyone has seen `count` answers on each platform, and no more follow. */
async function seesAnswers(count: number): Promise<void> {
  const all = { telegram: count, discord: count, whatsapp: count };
  await eventually(
    () => platforms.answers(),
    (seen) => Object.values(seen).every((number) => number >= count),
    TAKEN_OVER_WITHIN_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\nGATEWAY ${gateway.output()}\nWORKER ${worker.output()}`);
  });
  await pause(QUIET_MS);
  expect(platforms.answers()).toEqual(all);
  expect(platforms.violations()).toEqual([]);
}

it('answers each question once on every platform', async () => {
  await platforms.ask();
  await seesAnswers(1);
});

it('answers each question once even if the worker is killed with the answers ready', async () => {
  await worker.stop();
  worker = await startWorker({ SAPA_CRASH_AT: 'after-commit:2' });
  await platforms.ask();
  expect(await worker.exited()).toBe(null);
  worker = await startWorker();
  await seesAnswers(2);
});

it.each(['before-send', 'after-send'])(
  'answers each question once even if the gateway is killed %s',
  async (point) => {
    const before = platforms.answers().whatsapp;
    await gateway.stop();
    gateway = await startGateway({ SAPA_CRASH_AT: point });
    await platforms.ask();
    expect(await gateway.exited()).toBe(null);
    gateway = await startGateway();
    await seesAnswers(before + 1);
  },
);

it('sends what was answered while no gateway was running', async () => {
  const before = platforms.answers().whatsapp;
  await gateway.kill();
  await platforms.ask();
  await pause(QUIET_MS);
  gateway = await startGateway();
  await seesAnswers(before + 1);
});
