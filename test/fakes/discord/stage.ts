import type { Stage } from '../stage.js';
import { tokenFor } from './fake-app.js';
import { startFakeDiscord } from './start-fake-discord.js';
import type { FakeMessage } from './types.js';

/** Alice in a private chat with the bot and in a guild's channel. */
export async function discordStage(): Promise<Stage> {
  const discord = await startFakeDiscord();
  const { world } = discord;
  const token = tokenFor('1100000000000000001');
  const app = world.app(token);
  const general = world.textChannel(world.guild('Guild', app), 'general');
  const alice = world.member('alice');
  const dm = alice.dmWith(app);
  /** The bot's messages in both places, oldest first, except those that are still "thinking". */
  const messages = (): readonly FakeMessage[] =>
    [dm, general]
      .flatMap(({ id }) => app.journal.messages(id))
      .filter(({ flags }) => (flags & 128) === 0)
      .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return {
    name: 'discord',
    settings: { DISCORD_TOKEN: token, DISCORD_API_BASE: discord.apiBase },
    help: [
      'TEXT (in private)',
      '#TEXT (mentions the bot in #general)',
      '/COMMAND [SUBCOMMAND] [OPTION=VALUE ...] (in #general)',
      '!LABEL (presses a button of the newest message)',
    ],
    play(line) {
      if (line.startsWith('#')) alice.mentions(app, general, line.slice(1).trim());
      else if (line.startsWith('/')) {
        const [words = '', ...options] = line.slice(1).split(/\s+(?=\w+=)/);
        const [name = '', subcommand] = words.split(/\s+/);
        const values = Object.fromEntries(
          options.map((option) => [
            option.slice(0, option.indexOf('=')),
            option.slice(option.indexOf('=') + 1),
          ]),
        );
        alice.runs(app, general, name, values, subcommand === undefined ? {} : { subcommand });
      } else if (line.startsWith('!')) {
        const newest = messages().at(-1);
        if (newest === undefined) throw new Error('the bot has shown nothing yet');
        alice.presses(app, newest, line.slice(1).trim());
      } else alice.writes(dm, line);
    },
    shown: () =>
      messages().map(({ channel_id: channel, content, components, attachments }) => {
        const place = channel === dm.id ? 'private:' : '#general:';
        const labels = components.flatMap((row) => row.components.map(({ label }) => `[${label ?? 'menu'}]`));
        return [place, content, ...attachments.map(({ filename }) => `(${filename})`), ...labels].join(' ');
      }),
    close: () => discord.close(),
  };
}
