import type { CommandMenuEntry } from '../../src/contracts/channel.js';
import { LOCALES } from '../../src/contracts/message.js';
import type { TelegramClient } from './client.js';

/** Limits of setMyCommands. */
const MAX_COMMANDS = 100;
const MAX_DESCRIPTION = 256;

/** The language of the menu that people of every other language see. */
const MENU_FALLBACK = 'en';

/** Shows the commands in the bot's menu, in each language Sapa speaks. */
export async function publishMenu(
  menu: readonly CommandMenuEntry[],
  client: TelegramClient,
  signal: AbortSignal,
): Promise<void> {
  const forEveryone = menu.filter(({ audience }) => audience === 'everyone');
  for (const locale of LOCALES) {
    const commands = forEveryone.slice(0, MAX_COMMANDS).map(({ name, description }) => ({
      command: name,
      description: description[locale].slice(0, MAX_DESCRIPTION),
    }));
    const language = locale === MENU_FALLBACK ? {} : { language_code: locale };
    await client.call('setMyCommands', (api, s) => api.setMyCommands({ commands, ...language }, s), signal);
  }
}
