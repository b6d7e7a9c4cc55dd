import { createTelegramChannel, type TelegramConfig } from '../../../channels/telegram/index.js';
import type { ChannelAccount, ChannelErrorKind } from '../../../src/contracts/channel.js';
import type { ChannelTestbed } from '../../contracts/channel.js';
import { hurriedClock } from '../../fakes/hurried-clock.js';
import { recordingLogger } from '../../fakes/recording-logger.js';
import type { FakeBot } from '../../fakes/telegram/fake-bot.js';
import type { Fault } from '../../fakes/telegram/faults.js';
import { startFakeTelegram, type FakeTelegram } from '../../fakes/telegram/start-fake-telegram.js';
import { LocalWaits } from '../../../src/lib/work/local-waits.js';

export const TOKEN = '123456:AAsecret-token_of_a_bot';
export const PERSON = 77;

const FAULTS: Readonly<Record<Exclude<ChannelErrorKind, 'unauthorized' | 'not-connected'>, Fault>> = {
  'rate-limited': { status: 429, retryAfter: 3 },
  gone: { status: 403, description: 'Forbidden: bot was blocked by the user' },
  rejected: { status: 400, description: 'Bad Request: BUTTON_DATA_INVALID' },
  unreachable: { drop: 'before' },
};

export interface TelegramTestbed extends ChannelTestbed<TelegramConfig> {
  readonly telegram: FakeTelegram;
  readonly bot: FakeBot;
  /** Waits that the channel requested from its clock, in ms. */
  readonly waits: number[];
  readonly logged: string[];
}

/** The real channel with the fake Telegram; its clock shortens waits to `longestWaitMs`. */
export async function telegramTestbed(
  options: {
    readonly longestWaitMs?: number;
    readonly config?: Partial<TelegramConfig>;
    readonly secondMs?: number;
    readonly isStrict?: boolean;
  } = {},
): Promise<TelegramTestbed> {
  const telegram = await startFakeTelegram({
    secondMs: options.secondMs ?? 1_000,
    isStrict: options.isStrict ?? false,
  });
  const bot = telegram.bot(TOKEN);
  const person = bot.user(PERSON);
  const waits: number[] = [];
  const logged: string[] = [];
  const clock = hurriedClock(waits, options.longestWaitMs ?? 20);
  const channel = createTelegramChannel({
    clock,
    logger: recordingLogger(logged),
    waits: new LocalWaits(clock),
  });
  const rawText = (text: string): unknown => {
    person.sends(text);
    return structuredClone(bot.updates.unconfirmed.at(-1));
  };
  const account: ChannelAccount<TelegramConfig> = {
    id: 'account_1',
    tenantId: 'demo',
    channel: 'telegram',
    config: { token: TOKEN, apiRoot: telegram.apiRoot, mode: 'polling', ...options.config },
  };
  return {
    telegram,
    bot,
    waits,
    logged,
    channel,
    account,
    secrets: [TOKEN, 'AAsecret-token_of_a_bot'],
    target: { chat: { chatId: String(PERSON), kind: 'direct' } },
    rawText,
    rawCommand: (name, argumentText) => rawText(`/${name} ${argumentText}`),
    seen: () =>
      Promise.resolve(
        bot.journal.messages(PERSON).map((message) => ({
          messageId: String(message.message_id),
          text: message.text ?? '',
        })),
      ),
    failNextSend(kind) {
      if (kind === 'not-connected') return false;
      if (kind === 'unauthorized') bot.isRevoked = true;
      else bot.faults.add('sendMessage', FAULTS[kind]);
      return true;
    },
    write(text) {
      person.sends(text);
      return Promise.resolve();
    },
    revoke() {
      bot.isRevoked = true;
    },
    putFile: (bytes) => Promise.resolve(bot.addFile(bytes).file_id),
    loseNextReply() {
      bot.faults.add('sendMessage', { drop: 'after' });
    },
    close: () => telegram.close(),
  };
}
