import { afterAll, beforeAll, expect, it } from 'vitest';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import type { FakeMember } from '../fakes/discord/fake-member.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel } from '../fakes/discord/types.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { sapaClient } from './support/http-client.js';
import { openMovedClock } from './support/moved-clock.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa } from './support/start-sapa.js';

const TOKEN = tokenFor('1100000000000000009');
/** Long enough for an unwanted second answer to appear. */
const QUIET_MS = 2_000;

let business: PreparedBusiness;
let discord: FakeDiscord;
let app: FakeApp;
let ani: FakeMember;
let general: FakeChannel;
beforeAll(async () => {
  [business, discord] = await Promise.all([prepareBusiness(), startFakeDiscord()]);
  app = discord.world.app(TOKEN);
  general = discord.world.textChannel(discord.world.guild('Kawung', app), 'general');
  ani = discord.world.member('ani');
}, 120_000);
afterAll(async () => {
  await discord.close();
  await business.close();
});

const env = (): Record<string, string> => ({ DISCORD_TOKEN: TOKEN, DISCORD_API_BASE: discord.apiBase });

async function answered(
  channel: FakeChannel,
  count: number,
  output: () => string,
): Promise<readonly string[]> {
  const pending = eventually(
    () => app.journal.texts(channel.id),
    (texts) => texts.length >= count,
  );
  return pending.catch((error: unknown) => {
    throw new Error(`${String(error)}\n${output()}`);
  });
}

it(
  'a private message, a mention and a slash command are each answered once across a kill',
  { timeout: 180_000 },
  async () => {
    const dataDir = await business.copy();
    const sapa = await startSapa({ dataDir, env: env() });
    const dm = ani.dmWith(app);
    await waitUntil(() => app.gateway.isConnected);
    ani.writes(dm, 'Where is your shop located?');
    ani.writes(general, 'just chatting');
    ani.mentions(app, general, 'What are your opening hours?');
    expect((await answered(dm, 1, sapa.output)).join()).toContain('Jalan Kemuning');
    await answered(general, 1, sapa.output);

    const help = ani.runs(app, general, 'help');
    await waitUntil(() => help.answered === 5);
    await eventually(
      () => help.original && discord.world.messages.get(help.original.id)?.content,
      (content) => content !== undefined && content.includes('/help'),
    );

    await sapa.kill();
    ani.writes(dm, 'Do you ship to Surabaya?');
    const before = app.journal.texts(dm.id).length;
    const again = await startSapa({ dataDir, env: env() });
    try {
      await answered(dm, before + 1, again.output);
      await pause(QUIET_MS);
      expect(app.journal.commands(6).length).toBeGreaterThan(0);
      expect(app.journal.commands(2)).toHaveLength(1);
      expect(app.journal.texts(dm.id)).toHaveLength(before + 1);
      expect(new Set(app.journal.texts(dm.id)).size).toBe(before + 1);
      expect(app.journal.violations).toEqual([]);
      expect(app.journal.pings).toEqual([]);
      expect(app.journal.callsTo('PUT', /commands$/)).toHaveLength(1);
    } finally {
      await again.stop();
    }
  },
);

it(
  'a slash command is answered in the channel if the service was down longer than its token lives',
  { timeout: 180_000 },
  async () => {
    const dataDir = await business.copy();
    const clock = await openMovedClock();
    const room = discord.world.textChannel([...discord.world.guilds.values()][0] ?? never(), 'late');
    const doomed = await startSapa({ dataDir, env: { ...env(), SAPA_CRASH_AT: 'before-send' } });
    await waitUntil(() => app.gateway.isConnected);
    const edited = (): number => app.journal.callsTo('PATCH', /webhooks.*@original/).length;
    const editedBefore = edited();
    const help = ani.runs(app, room, 'help');
    expect(await doomed.exited(), 'it is killed with the answer ready').toBe(null);
    expect(help.answered, 'the sign was given in time').toBe(5);

    const away = 16 * 60_000;
    discord.world.advance(away);
    await clock.jump(away);
    const sapa = await startSapa({ dataDir, env: { ...env(), ...clock.env } });
    try {
      const [answer] = await answered(room, 1, sapa.output);
      expect(answer).toContain('/help');
      await pause(QUIET_MS);
      expect(app.journal.texts(room.id)).toHaveLength(1);
      expect(app.journal.callsTo('POST', `/channels/${room.id}/messages`)).toHaveLength(1);
      expect(edited()).toBe(editedBefore);
      expect(app.journal.violations).toEqual([]);
    } finally {
      await sapa.stop();
      await clock.close();
    }
  },
);

it(
  'a member with the staff role counts as staff, in guilds and as long as they have it',
  { timeout: 180_000 },
  async () => {
    const dataDir = await business.copy();
    const sapa = await startSapa({ dataDir });
    const role = '1200000000000000001';
    const config = { token: TOKEN, apiBase: discord.apiBase, staffRoles: [role] };
    const client = sapaClient({ url: sapa.url, key: sapa.adminKey });
    await client.call('POST', '/v1/tenants/demo/channels', { json: { channel: 'discord', config } });
    const ratri = discord.world.member('ratri');
    const room = discord.world.textChannel([...discord.world.guilds.values()][0] ?? never(), 'staff');
    await waitUntil(() => app.gateway.isConnected);
    const says = async (text: string): Promise<string> => {
      const before = app.journal.texts(room.id).length;
      ratri.mentions(app, room, text);
      const texts = await eventually(
        () => app.journal.texts(room.id),
        (received) => received.length > before,
      );
      return texts.slice(before).join('\n');
    };
    await says('/language en');
    expect(await says('/status')).toContain('only for our staff');
    discord.world.setRoles(ratri.user, role);
    expect(await says('/status')).toContain('Knowledge:');
    const before = app.journal.texts(room.id).length;
    ratri.runs(app, room, 'status');
    await eventually(
      () => app.journal.texts(room.id).slice(before),
      (texts) => texts.join().includes('Knowledge:'),
    );
    discord.world.setRoles(ratri.user);
    expect(await says('/status')).toContain('only for our staff');
    await sapa.stop();
  },
);

function never(): never {
  throw new Error('there is no guild');
}
