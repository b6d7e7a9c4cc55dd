import { startFakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import {
  BUSINESSES,
  MOST_WAITING,
  UNDER_WAY_MS,
  type Business,
  type StormConversation,
  type StormPlatform,
} from './platform.js';

/**
 * Every fourth person writes in a group of their own, mentioning the bot; ids of these groups are below this.
 */
const GROUPS_BEGIN = -2_000;

export async function telegramStorm(conversations: number): Promise<StormPlatform> {
  const telegram = await startFakeTelegram();
  const tokenOf = (business: Business): string =>
    `${BUSINESSES.indexOf(business) + 1}00:a-token-of-the-storm`;
  const botOf = (business: Business) => telegram.bot(tokenOf(business));

  const conversation = (index: number): StormConversation => {
    const business = BUSINESSES[index % 2] ?? 'satu';
    const bot = botOf(business);
    const person = Math.floor(index / 2) + 1;
    const isGroup = person % 4 === 0;
    const chat = isGroup ? GROUPS_BEGIN - person : person;
    const user = bot.user(person, chat, { language_code: 'en' });
    const send = (text: string): void => {
      user.sends(isGroup ? `@${bot.me.username} ${text}` : text);
    };
    return {
      name: `T${BUSINESSES.indexOf(business) + 1}C${String(index).padStart(3, '0')}`,
      business,
      write(text, twin) {
        if (twin !== undefined) send(twin);
        send(text);
        return Promise.resolve();
      },
      seen: () => bot.journal.messages(chat).map(({ text = '' }) => text),
    };
  };

  return {
    name: 'telegram',
    account: (business) => ({
      channel: 'telegram',
      config: { token: (botOf(business), tokenOf(business)), apiRoot: telegram.apiRoot },
    }),
    connect: () => Promise.resolve(),
    conversations: Array.from({ length: conversations }, (_, index) => conversation(index)),
    repeat(random) {
      // Confirmed updates are never delivered again; unconfirmed ones may be delivered twice.
      const { updates } = botOf(BUSINESSES[random.between(0, 1)] ?? 'satu');
      const old = updates.unconfirmed[random.between(0, Math.max(0, updates.unconfirmed.length - 1))];
      if (old !== undefined) updates.deliver(old);
      return Promise.resolve();
    },
    trouble(random) {
      const { faults } = botOf(BUSINESSES[random.between(0, 1)] ?? 'satu');
      if (faults.waiting >= MOST_WAITING) return;
      const kind = random.between(0, 6);
      if (kind <= 1) faults.add('sendMessage', { status: 429, retryAfter: random.between(1, 3) });
      else if (kind === 2) faults.add('sendMessage', { drop: 'before' });
      else if (kind === 3) faults.add('sendMessage', { drop: 'after' });
      else if (kind === 4) faults.add('sendMessage', { status: 502, description: 'Bad Gateway' });
      else if (kind === 5) faults.add('getUpdates', { drop: 'after' });
      else faults.add('sendChatAction', { status: 429, retryAfter: 1 });
    },
    calm() {
      for (const business of BUSINESSES) botOf(business).faults.clear();
    },
    inDoubtAt(kills) {
      const sends = BUSINESSES.flatMap((business) => botOf(business).journal.callsOf('sendMessage'));
      const underWay = sends.filter(({ at }) =>
        kills.some((kill) => at > kill - UNDER_WAY_MS && at < kill + UNDER_WAY_MS),
      );
      return new Set(underWay.map(({ params }) => String(params.text)));
    },
    violations: () =>
      BUSINESSES.flatMap((business) => botOf(business).journal.violations).map(
        ({ method, params }) => `telegram: ${method} to ${String(params.chat_id)} during a wait`,
      ),
    close: () => telegram.close(),
  };
}
