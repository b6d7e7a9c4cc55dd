import {
  Client,
  Events,
  GatewayIntentBits,
  Partials,
  REST,
  Routes,
  type Interaction,
  type Message,
} from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import { tokenFor, type FakeApp } from './fake-app.js';
import { startFakeDiscord, type FakeDiscord } from './start-fake-discord.js';
import type { FakeChannel, FakeGuild } from './types.js';

const TOKEN = tokenFor('1100000000000000001');

describe('unmodified discord.js against the fake Discord', () => {
  let discord: FakeDiscord;
  let app: FakeApp;
  let guild: FakeGuild;
  let general: FakeChannel;
  let client: Client;
  const messages: Message[] = [];

  beforeEach(async () => {
    discord = await startFakeDiscord();
    app = discord.world.app(TOKEN);
    guild = discord.world.guild('Toko', app);
    general = discord.world.textChannel(guild, 'general');
    messages.length = 0;
    client = new Client({
      intents: [
        GatewayIntentBits.Guilds,
        GatewayIntentBits.GuildMessages,
        GatewayIntentBits.DirectMessages,
        GatewayIntentBits.MessageContent,
      ],
      partials: [Partials.Channel],
      rest: { api: discord.apiBase, cdn: discord.cdnBase },
    });
    client.on(Events.MessageCreate, (message) => {
      if (!message.author.bot) messages.push(message);
    });
    client.on(Events.Error, () => undefined);
  });
  afterEach(async () => {
    await client.destroy();
    await discord.close();
  });

  async function login(): Promise<void> {
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    await client.login(TOKEN);
    await ready;
  }

  it('logs in, knows its guild, receives messages in a channel and in private, and replies', async () => {
    await login();
    expect(client.guilds.cache.get(guild.id)?.name).toBe('Toko');
    const alice = discord.world.member('alice');
    alice.writes(general, 'halo');
    alice.writes(alice.dmWith(app), 'rahasia');
    await waitUntil(() => messages.length === 2);
    expect(messages.map(({ content }) => content)).toEqual(['halo', 'rahasia']);
    const reply = await messages[0]?.reply({
      content: 'hai!',
      files: [{ attachment: Buffer.from('abc'), name: 'a.txt' }],
    });
    expect(reply?.attachments.first()?.name).toBe('a.txt');
    expect(app.journal.texts(general.id)).toEqual(['hai!']);
    await reply?.edit('hai sekali');
    await reply?.react('👍');
    expect(app.journal.texts(general.id)).toEqual(['hai sekali']);
  });

  it('defers a slash command, answers and follows up, and is refused a second or late answer', async () => {
    await login();
    const alice = discord.world.member('alice');
    let failure: unknown;
    const answer = async (interaction: Interaction): Promise<void> => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply(`note: ${interaction.options.getString('text') ?? ''}`);
      await interaction.followUp('more');
      failure = await interaction.deferReply().catch((error: unknown) => error);
      failure = await new REST({ api: discord.apiBase })
        .post(Routes.interactionCallback(interaction.id, interaction.token), {
          auth: false,
          body: { type: 5 },
        })
        .catch((error: unknown) => error);
    };
    client.on(Events.InteractionCreate, (interaction) => void answer(interaction));
    alice.runs(app, general, 'note', { text: 'buy milk' });
    await waitUntil(() => failure !== undefined && app.journal.texts(general.id).length === 2);
    expect(app.journal.texts(general.id)).toEqual(['note: buy milk', 'more']);
    await waitUntil(() => (failure as { code?: number }).code === 40060);
  });

  it('resumes after a closed connection and receives what it missed', async () => {
    await login();
    app.gateway.closeAll(4000);
    discord.world.member('alice').writes(general, 'while you were away');
    await waitUntil(() => messages.length === 1);
    expect(app.journal.commands(6)).toHaveLength(1);
    expect(app.journal.commands(2)).toHaveLength(1);
  });

  it('is refused with a wrong token or a disallowed intent', async () => {
    await expect(client.login('wrong.token.here')).rejects.toThrow(/token/i);
    app.messageContent = false;
    await expect(client.login(TOKEN)).rejects.toThrow(/disallowed intents/i);
  });

  it('waits out a full bucket and makes no call meanwhile', async () => {
    const rest = new REST({ api: discord.apiBase }).setToken(TOKEN);
    for (let n = 0; n < 7; n++)
      await rest.post(Routes.channelMessages(general.id), { body: { content: `${n}` } });
    expect(app.journal.texts(general.id)).toHaveLength(7);
    expect(app.journal.violations).toEqual([]);
  });

  it.each([
    ['2,001 characters', { content: 'x'.repeat(2_001) }, 50035],
    ['no content', { content: '  ' }, 50006],
    ['a nonce of 26 characters', { content: 'x', nonce: 'n'.repeat(26) }, 50035],
    ['an unknown reply', { content: 'x', message_reference: { message_id: '1' } }, 50035],
    ['contradicting mentions', { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } }, 50035],
    [
      'six button rows',
      { content: 'x', components: Array.from({ length: 6 }, (_, n) => row(`b${n}`)) },
      50035,
    ],
    ['two buttons with one id', { content: 'x', components: [row('same'), row('same')] }, 50035],
  ])('is refused when it sends %s', async (_, body, code) => {
    const rest = new REST({ api: discord.apiBase }).setToken(TOKEN);
    await expect(rest.post(Routes.channelMessages(general.id), { body })).rejects.toMatchObject({ code });
  });

  it('creates one message per enforced nonce, and notifies nobody without permission', async () => {
    const rest = new REST({ api: discord.apiBase }).setToken(TOKEN);
    const alice = discord.world.member('alice');
    const body = { content: `@everyone <@${alice.user.id}>`, nonce: 'one', enforce_nonce: true };
    await rest.post(Routes.channelMessages(general.id), {
      body: { ...body, allowed_mentions: { parse: [] } },
    });
    await rest.post(Routes.channelMessages(general.id), { body });
    expect(app.journal.messages(general.id)).toHaveLength(1);
    expect(app.journal.pings).toEqual([]);
    await rest.post(Routes.channelMessages(general.id), { body: { content: body.content } });
    expect(app.journal.pings.map(({ who }) => who)).toEqual([alice.user.id, 'everyone']);
  });

  it('is refused 101 slash commands, and options out of order', async () => {
    const rest = new REST({ api: discord.apiBase }).setToken(TOKEN);
    const command = (name: string, options: unknown[] = []) => ({ name, description: 'x', options });
    const put = (body: unknown) => rest.put(Routes.applicationCommands(app.id), { body });
    await put(Array.from({ length: 100 }, (_, n) => command(`c${n}`)));
    await expect(put(Array.from({ length: 101 }, (_, n) => command(`c${n}`)))).rejects.toMatchObject({
      code: 30032,
    });
    const options = [
      { type: 3, name: 'a', description: 'x' },
      { type: 3, name: 'b', description: 'x', required: true },
    ];
    await expect(put([command('wrong', options)])).rejects.toMatchObject({ code: 50035 });
  });
});

function row(id: string): unknown {
  return { type: 1, components: [{ type: 2, style: 1, label: 'x', custom_id: id }] };
}
