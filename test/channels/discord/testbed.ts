import { createDiscordChannel, type DiscordConfig } from '../../../channels/discord/index.js';
import type { AccountState, ChannelAccount, ChannelErrorKind } from '../../../src/contracts/channel.js';
import type { ChannelTestbed } from '../../contracts/channel.js';
import { tokenFor, type FakeApp } from '../../fakes/discord/fake-app.js';
import type { FakeMember } from '../../fakes/discord/fake-member.js';
import type { Fault } from '../../fakes/discord/faults.js';
import { startFakeDiscord, type FakeDiscord } from '../../fakes/discord/start-fake-discord.js';
import type { FakeChannel, FakeGuild } from '../../fakes/discord/types.js';
import type { WorldOptions } from '../../fakes/discord/world.js';
import { hurriedClock } from '../../fakes/hurried-clock.js';
import { createMemoryState } from '../../fakes/memory-state.js';
import { recordingLogger } from '../../fakes/recording-logger.js';
import { LocalWaits } from '../../../src/lib/work/local-waits.js';

export const APPLICATION = '1100000000000000001';
export const TOKEN = tokenFor(APPLICATION);

const FAULTS: Readonly<Record<Exclude<ChannelErrorKind, 'unauthorized' | 'not-connected'>, Fault>> = {
  'rate-limited': { retryAfter: 3 },
  gone: { status: 403, code: 50007, message: 'Cannot send messages to this user' },
  rejected: { status: 400, code: 50035, message: 'Invalid Form Body' },
  unreachable: { drop: 'before' },
};

export interface DiscordTestbed extends ChannelTestbed<DiscordConfig> {
  readonly discord: FakeDiscord;
  readonly app: FakeApp;
  readonly guild: FakeGuild;
  readonly general: FakeChannel;
  readonly alice: FakeMember;
  /** Alice's private chat with the bot. */
  readonly dm: FakeChannel;
  readonly state: AccountState;
  /** Waits that the channel requested from its clock, in ms. */
  readonly waits: number[];
  readonly logged: string[];
}

export interface DiscordTestbedOptions extends WorldOptions {
  readonly longestWaitMs?: number;
  readonly config?: Partial<DiscordConfig>;
}

/** High enough for tests that are not about limits. */
const LOOSE = {
  rateLimits: {
    messages: { limit: 10_000, windowMs: 1_000 },
    others: { limit: 10_000, windowMs: 1_000 },
    global: 10_000,
  },
  identifies: { limit: 10, windowMs: 1_000 },
} as const;

/** The real channel with the fake Discord; its clock shortens waits to `longestWaitMs`. */
export async function discordTestbed(options: DiscordTestbedOptions = {}): Promise<DiscordTestbed> {
  const { longestWaitMs = 20, config, ...world } = options;
  const discord = await startFakeDiscord({ ...LOOSE, ...world });
  const app = discord.world.app(TOKEN);
  const guild = discord.world.guild('Toko', app);
  const general = discord.world.textChannel(guild, 'general');
  const alice = discord.world.member('alice');
  const dm = alice.dmWith(app);
  const waits: number[] = [];
  const logged: string[] = [];
  const clock = hurriedClock(waits, longestWaitMs);
  const channel = createDiscordChannel({
    clock,
    logger: recordingLogger(logged),
    waits: new LocalWaits(clock),
  });
  const account: ChannelAccount<DiscordConfig> = {
    id: 'account_1',
    tenantId: 'demo',
    channel: 'discord',
    config: {
      token: TOKEN,
      apiBase: discord.apiBase,
      mode: 'gateway',
      guilds: [],
      channels: [],
      staffRoles: [],
      forumPosts: 'answer',
      ...config,
    },
  };
  return {
    discord,
    app,
    guild,
    general,
    alice,
    dm,
    state: createMemoryState(),
    waits,
    logged,
    channel,
    account,
    secrets: [TOKEN, 'AA-secret_part_of_the_token'],
    target: { chat: { chatId: dm.id, kind: 'direct' } },
    rawText: (text) => ({ t: 'MESSAGE_CREATE', s: 1, d: structuredClone(alice.writes(dm, text)) }),
    rawCommand(name, argumentText) {
      const { id, token } = alice.runs(app, dm, name, { text: argumentText });
      const data = { name, type: 1, options: [{ name: 'text', type: 3, value: argumentText }] };
      const d = { id, token, application_id: app.id, type: 2, channel_id: dm.id, user: alice.user, data };
      return { t: 'INTERACTION_CREATE', s: 1, d };
    },
    seen: () =>
      Promise.resolve(
        app.journal.messages(dm.id).map(({ id, content }) => ({ messageId: id, text: content })),
      ),
    failNextSend(kind) {
      if (kind === 'not-connected') return false;
      if (kind === 'unauthorized') app.isRevoked = true;
      else app.faults.add('POST /channels/:channel/messages', FAULTS[kind]);
      return true;
    },
    write(text) {
      alice.mentions(app, general, text);
      return Promise.resolve();
    },
    revoke() {
      app.isRevoked = true;
    },
    putFile(bytes) {
      const { url } = discord.world.attachment(discord.world.addFile(bytes));
      return Promise.resolve(JSON.stringify({ url }));
    },
    loseNextReply() {
      app.faults.add('POST /channels/:channel/messages', { drop: 'after' });
    },
    close: () => discord.close(),
  };
}
