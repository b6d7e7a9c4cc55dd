import { tokenFor } from '../fakes/discord/fake-app.js';
import { startFakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeApp } from '../fakes/discord/fake-app.js';
import {
  BUSINESSES,
  MOST_WAITING,
  type Business,
  type StormConversation,
  type StormPlatform,
} from './platform.js';

const POST = 'POST /channels/:id/messages';

export async function discordStorm(conversations: number): Promise<StormPlatform> {
  const discord = await startFakeDiscord();
  const { world } = discord;
  const tokens: Readonly<Record<Business, string>> = {
    satu: tokenFor('1100000000000000001'),
    dua: tokenFor('1100000000000000002'),
  };
  const appOf = (business: Business): FakeApp => world.app(tokens[business]);
  const guilds = { satu: world.guild('Satu', appOf('satu')), dua: world.guild('Dua', appOf('dua')) };

  const conversation = (index: number): StormConversation => {
    const business = BUSINESSES[index % 2] ?? 'satu';
    const app = appOf(business);
    const number = Math.floor(index / 2);
    const person = world.member(`person${number}`);
    const isInGuild = number % 3 === 0;
    const channel = isInGuild ? world.textChannel(guilds[business], `room-${number}`) : person.dmWith(app);
    const content = (text: string): string => (isInGuild ? `<@${app.user.id}> ${text}` : text);
    return {
      name: `D${BUSINESSES.indexOf(business) + 1}C${String(index).padStart(3, '0')}`,
      business,
      write(text, twin) {
        if (twin === undefined) person.writes(channel, content(text));
        else {
          // Written first but announced last.
          const first = person.writes(channel, content(text), { unheard: true });
          person.writes(channel, content(twin));
          world.announce('MESSAGE_CREATE', channel, first);
        }
        return Promise.resolve();
      },
      seen: () => app.journal.texts(channel.id),
    };
  };

  return {
    name: 'discord',
    account: (business) => ({
      channel: 'discord',
      config: { token: tokens[business], apiBase: discord.apiBase },
    }),
    connect: () => Promise.resolve(),
    conversations: Array.from({ length: conversations }, (_, index) => conversation(index)),
    repeat(random) {
      appOf(BUSINESSES[random.between(0, 1)] ?? 'satu').gateway.repeat('MESSAGE_CREATE');
      return Promise.resolve();
    },
    trouble(random) {
      const { faults, gateway } = appOf(BUSINESSES[random.between(0, 1)] ?? 'satu');
      if (faults.waiting >= MOST_WAITING) return;
      const kind = random.between(0, 8);
      if (kind <= 1) faults.add(POST, { retryAfter: random.between(1, 3), scope: 'user' });
      else if (kind === 2) faults.add(POST, { drop: 'before' });
      else if (kind === 3) faults.add(POST, { drop: 'after' });
      else if (kind === 4) faults.add(POST, { status: 500 });
      else if (kind === 5) gateway.cutAll();
      else if (kind === 6) gateway.operate(7);
      else if (kind === 7) gateway.closeAll(4000);
      else faults.add('POST /channels/:id/typing', { retryAfter: 1 });
    },
    calm() {
      for (const business of BUSINESSES) appOf(business).faults.clear();
    },
    inDoubtAt: () => new Set(),
    violations: () =>
      BUSINESSES.flatMap((business) => appOf(business).journal.violations).map(
        ({ method, path, at }) => `discord: ${method} ${path} during a wait, at ${at}`,
      ),
    close: () => discord.close(),
  };
}
