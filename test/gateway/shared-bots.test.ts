import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDiscordChannel } from '../../channels/discord/index.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { createWebhooks, SharedBots, SharedChatTexts } from '../../src/gateway/index.js';
import { createI18n } from '../../src/i18n/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import {
  answering,
  openPipeline,
  textOf,
  type Pipeline,
  type Process,
} from '../delivery/support/open-pipeline.js';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import type { FakeMember } from '../fakes/discord/fake-member.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel, FakeGuild } from '../fakes/discord/types.js';
import { replyJson, startLoopbackServer, type LoopbackServer } from '../fakes/loopback-server.js';
import { noOffers } from '../fakes/no-offers.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { LocalWaits } from '../../src/lib/work/local-waits.js';

const TOKEN = tokenFor('1100000000000000007');
/** Long enough for an unwanted second answer to appear. */
const QUIET_MS = 300;

let pipeline: Pipeline;
let discord: FakeDiscord;
let app: FakeApp;
let ani: FakeMember;
let dm: FakeChannel;
let batik: FakeGuild;
let kopi: FakeGuild;
let started: Process;
let server: LoopbackServer | undefined;

/** Two businesses, Batik and Kopi, each with its own guild, sharing one bot. */
beforeEach(async () => {
  [pipeline, discord] = await Promise.all([
    openPipeline({
      runTurn: (input) => Promise.resolve(answering(input, `${input.scope.settings.name}: ${textOf(input)}`)),
    }),
    startFakeDiscord({ identifies: { limit: 10, windowMs: 1_000 } }),
  ]);
  app = discord.world.app(TOKEN);
  batik = discord.world.guild('Batik', app);
  kopi = discord.world.guild('Kopi', app);
  ani = discord.world.member('ani');
  dm = ani.dmWith(app);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await pipeline.close();
  await discord.close();
});

async function open(config: object = {}): Promise<void> {
  const { service } = pipeline;
  for (const [name, guild] of [
    ['Batik', batik],
    ['Kopi', kopi],
  ] as const) {
    const settings = { name, bubbles: { pause_ms: 0 }, bursts: { quiet_ms: 0, max_wait_ms: 0 } };
    await service.putTenant(name.toLowerCase(), tenantSettingsSchema.parse(settings));
    await service.putAccount({
      id: `${name.toLowerCase()}.discord`,
      tenantId: name.toLowerCase(),
      channel: 'discord',
      config: { token: TOKEN, apiBase: discord.apiBase, guilds: [guild.id], ...config },
    });
  }
  const common = { service, clock: systemClock, logger: silentLogger };
  const texts = new SharedChatTexts({ ...common, i18n: createI18n({ folder: 'locales' }) });
  started = pipeline.start({
    channels: [createDiscordChannel({ ...common, waits: new LocalWaits(systemClock) })],
    sharedBots: (accounts) => new SharedBots({ ...common, accounts, texts }),
  });
  await started.run();
}

/** What the bot shows once at least `count` messages have arrived and a pause has passed. */
async function shown(channel: FakeChannel, count: number): Promise<readonly string[]> {
  await eventually(
    () => app.journal.texts(channel.id),
    (texts) => texts.length >= count,
  );
  await pause(QUIET_MS);
  return app.journal.texts(channel.id);
}

const connected = () =>
  waitUntil(() => app.gateway.identifies.length >= 2 && app.gateway.isConnected, 20_000);

it('each guild is answered once by its own business', async () => {
  const [inBatik, inKopi] = [batik, kopi].map((guild) => discord.world.textChannel(guild, 'general'));
  if (inBatik === undefined || inKopi === undefined) throw new Error('no channel');
  await open();
  await connected();
  ani.mentions(app, inBatik, 'hello');
  ani.mentions(app, inKopi, 'hello');
  expect(await shown(inBatik, 1)).toEqual(['Batik: hello']);
  expect(await shown(inKopi, 1)).toEqual(['Kopi: hello']);
});

it('a private message goes to the only business whose guild the person is in', async () => {
  batik.left.add(ani.user.id);
  await open();
  await connected();
  ani.writes(dm, 'are you open?');
  expect(await shown(dm, 1)).toEqual(['Kopi: are you open?']);
});

it('a person in guilds of two businesses is asked once, and the choice is remembered', async () => {
  await open();
  await connected();
  ani.writes(dm, 'are you open?');
  ani.writes(dm, 'and until when?');
  const [question, ...more] = await shown(dm, 1);
  expect(question).toContain('several businesses');
  expect(more).toEqual([]);
  const prompt = app.journal.messages(dm.id)[0];
  if (prompt === undefined) throw new Error('nothing was asked');
  const pressed = ani.presses(app, prompt, 'Kopi');
  expect(await shown(dm, 4)).toEqual([
    question,
    'You are talking to Kopi now.',
    'Kopi: are you open?',
    'Kopi: and until when?',
  ]);
  expect(pressed.answered).toBe(6);
  ani.writes(dm, 'thanks');
  expect((await shown(dm, 5)).at(-1)).toBe('Kopi: thanks');
  ani.writes(dm, '/business');
  expect((await shown(dm, 6)).at(-1)).toBe(question);
  ani.presses(app, app.journal.messages(dm.id).at(-1) ?? prompt, 'Batik');
  await shown(dm, 7);
  ani.writes(dm, 'hello');
  expect((await shown(dm, 8)).at(-1)).toBe('Batik: hello');
});

it('a private slash command is answered with the choice of business, then with the reply', async () => {
  await open();
  await connected();
  const ran = ani.runs(app, dm, 'help');
  await shown(dm, 1);
  expect(ran.answered).toBe(5);
  ani.presses(app, app.journal.messages(dm.id)[0] ?? never(), 'Batik');
  await eventually(
    () => discord.world.messages.get(ran.original?.id ?? '')?.content,
    (content) => content === 'Batik: command',
  );
  expect(app.journal.callsTo('POST', /callback$/).map(({ status }) => status)).toEqual([204, 204]);
});

it('a person who shares no guild is told so', async () => {
  batik.left.add(ani.user.id);
  kopi.left.add(ani.user.id);
  await open();
  await connected();
  ani.writes(dm, 'hello?');
  const [line, ...more] = await shown(dm, 1);
  expect(line).toContain('you and I share none of them');
  expect(more).toEqual([]);
});

it('a staff code selects the business that issued it, also for later messages', async () => {
  batik.left.add(ani.user.id);
  await open();
  const code = await (
    await pipeline.service.scope('batik')
  )?.codes.create('claim-staff', new Date(Date.now() + 60_000));
  await connected();
  ani.writes(dm, `/claim ${code ?? ''}`);
  expect(await shown(dm, 1)).toEqual(['Batik: command']);
  ani.writes(dm, 'hello');
  expect((await shown(dm, 2)).at(-1)).toBe('Batik: hello');
});

it('a private message waits while Discord does not report memberships', async () => {
  batik.left.add(ani.user.id);
  app.faults.add('GET /guilds/:guild/members/:user', { status: 502 }, { status: 502 }, { status: 502 });
  await open();
  await connected();
  ani.writes(dm, 'patience');
  expect(await shown(dm, 1)).toEqual(['Kopi: patience']);
});

it("HTTP interactions of a guild reach its business through another business's endpoint", async () => {
  await open({ mode: 'http', publicKey: app.publicKey });
  const webhooks = createWebhooks({
    ...pipeline,
    ...started,
    ...noOffers,
    clock: systemClock,
    logger: silentLogger,
  });
  const address = { channel: 'discord', accountId: 'batik.discord' };
  server = await startLoopbackServer(async (request, response, body) => {
    const call = await webhooks.admit(address, { headers: request.headers, query: {} });
    const result = await call?.take(body);
    replyJson(response, 200, result?.type === 'stored' ? result.answer : {});
  });
  app.interactionsUrl = `${server.url}/`;
  const general = discord.world.textChannel(kopi, 'general');
  ani.runs(app, general, 'help');
  await eventually(
    () => app.journal.texts(general.id),
    (texts) => texts.includes('Kopi: command'),
  );
});

function never(): never {
  throw new Error('nothing was shown');
}
