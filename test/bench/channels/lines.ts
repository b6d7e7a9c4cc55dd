import { tokenFor } from '../../fakes/discord/fake-app.js';
import { startFakeDiscord } from '../../fakes/discord/start-fake-discord.js';
import { startFakeTelegram } from '../../fakes/telegram/start-fake-telegram.js';
import { startFakeWhatsApp } from '../../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually } from '../../support/wait.js';
import type { Account } from './business.js';

/** One platform and what it saw; times are in ms since the epoch. */
export interface Line {
  readonly name: string;
  readonly account: Account;
  /** Finishes connecting once the account exists. */
  connect(state: () => Promise<{ readonly qr?: string; readonly state: string }>): Promise<void>;
  /** Person number `person` writes. */
  write(person: number, text: string): Promise<void>;
  /** Times at which the person was shown a typing indicator. */
  typing(person: number): readonly number[];
  /** Times at which the person got messages. */
  messages(person: number): readonly number[];
  /** Calls during a wait requested by the platform. */
  violations(): number;
  close(): Promise<void>;
}

const TELEGRAM_TOKEN = '4242:of-the-bench';

export async function telegramLine(): Promise<Line> {
  const telegram = await startFakeTelegram({ isStrict: true });
  const bot = telegram.bot(TELEGRAM_TOKEN);
  const timesOf = (method: string, person: number): readonly number[] =>
    bot.journal.callsOf(method).flatMap(({ at, params }) => (params.chat_id === person ? [at] : []));
  // Rejected calls show nothing, so the last call with the text is the one that was shown.
  const shownTo = (person: number): readonly number[] => {
    const calls = bot.journal.callsOf('sendMessage').filter(({ params }) => params.chat_id === person);
    return bot.journal
      .messages(person)
      .map(({ text = '' }) => calls.findLast(({ params }) => params.text === text)?.at ?? Number.NaN);
  };
  return {
    name: 'telegram',
    account: { channel: 'telegram', config: { token: TELEGRAM_TOKEN, apiRoot: telegram.apiRoot } },
    connect: () => Promise.resolve(),
    write: (person, text) => Promise.resolve(void bot.user(person).sends(text)),
    typing: (person) => timesOf('sendChatAction', person),
    messages: (person) => shownTo(person),
    violations: () => bot.journal.violations.length,
    close: () => telegram.close(),
  };
}

export async function discordLine(): Promise<Line> {
  const discord = await startFakeDiscord();
  const { world } = discord;
  const token = tokenFor('1100000000000000009');
  const app = world.app(token);
  const member = (person: number) => world.member(`person${person}`);
  const timesOf = (path: string, person: number): readonly number[] =>
    app.journal
      .callsTo('POST', `/channels/${member(person).dmWith(app).id}/${path}`)
      .flatMap(({ at, status }) => (status === 200 || status === 204 ? [at] : []));
  return {
    name: 'discord',
    account: { channel: 'discord', config: { token, apiBase: discord.apiBase } },
    connect: () => Promise.resolve(),
    write(person, text) {
      const who = member(person);
      who.writes(who.dmWith(app), text);
      return Promise.resolve();
    },
    typing: (person) => timesOf('typing', person),
    messages: (person) => timesOf('messages', person),
    violations: () => app.journal.violations.length,
    close: () => discord.close(),
  };
}

export async function whatsAppLine(messagesPerSecond: number): Promise<Line> {
  const whatsapp = await startFakeWhatsApp();
  const { world, journal } = whatsapp;
  const phone = world.phone('6281100000009', 'Bench');
  const personOf = (person: number) => world.person(`62813${String(person).padStart(8, '0')}`);
  return {
    name: 'whatsapp',
    account: {
      channel: 'whatsapp',
      config: {
        wsUrl: whatsapp.url,
        mediaHost: whatsapp.mediaHost,
        caFile: whatsapp.caFile,
        noiseRoot: whatsapp.noiseRoot,
        messagesPerSecond,
      },
    },
    async connect(state) {
      const { qr = '' } = await eventually(state, (current) => current.qr !== undefined);
      await phone.scans(qr);
    },
    write: async (person, text) => void (await personOf(person).writes(phone, text)),
    typing: (person) =>
      journal
        .chatStates()
        .flatMap(({ to, state, at }) =>
          state === 'composing' && [personOf(person).lid, personOf(person).pn].includes(to) ? [at] : [],
        ),
    messages: (person) => journal.seen.flatMap(({ by, at }) => (by === personOf(person).pn ? [at] : [])),
    violations: () => journal.violations.length,
    close: () => whatsapp.close(),
  };
}
