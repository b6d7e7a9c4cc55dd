import type { Stage } from '../stage.js';
import { startFakeTelegram } from './start-fake-telegram.js';

const PERSON = 77;

/** A person in a private chat with the bot. */
export async function telegramStage(): Promise<Stage> {
  const telegram = await startFakeTelegram();
  const token = '123456:a-token-of-the-fake-telegram';
  const bot = telegram.bot(token);
  const person = bot.user(PERSON);
  return {
    name: 'telegram',
    settings: { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot },
    help: ['TEXT or /COMMAND (in private)', '!LABEL (presses a button of the newest message)'],
    play(line) {
      if (!line.startsWith('!')) person.sends(line);
      else {
        const newest = bot.journal.messages(PERSON).at(-1);
        if (newest === undefined) throw new Error('the bot has shown nothing yet');
        person.presses(newest, line.slice(1).trim());
      }
    },
    shown: () =>
      bot.journal.messages(PERSON).map(({ text, reply_markup: markup }) => {
        const buttons = (markup?.inline_keyboard ?? []).flat().map((button) => `[${button.text}]`);
        return [text ?? '(a file)', ...buttons].join(' ');
      }),
    close: () => telegram.close(),
  };
}
