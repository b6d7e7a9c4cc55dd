import { setTimeout as pause } from 'node:timers/promises';
import { ChannelError, type CommandMenuEntry } from '../../src/contracts/channel.js';
import { LOCALES } from '../../src/contracts/message.js';
import type { TelegramClient } from './client.js';
import type { Run } from './run.js';
import { shorten } from '../../src/lib/text/shorten.js';

/** Limits of setMyCommands. */
const MAX_COMMANDS = 100;
const MAX_DESCRIPTION = 256;

/** Language of the menu for people whose language has no menu of its own. */
const MENU_FALLBACK = 'en';

/**
 * How often the list of staff is checked, and so how soon new staff get their commands in the menu, in ms.
 */
const STAFF_CHECK_MS = 60_000;

/** Shows the public commands in the bot's menu, in each language Sapa speaks. */
export function publishMenu(
  menu: readonly CommandMenuEntry[],
  client: TelegramClient,
  signal: AbortSignal,
): Promise<void> {
  const forEveryone = menu.filter(({ audience }) => audience === 'everyone');
  return setCommands(forEveryone, undefined, client, signal);
}

/** Shows staff, and only them, the staff commands as well, until the run is stopped. */
export async function keepStaffMenus({ sink, client, logger, signal }: Run): Promise<void> {
  let previous = new Set<string>();
  while (!signal.aborted) {
    const staff = new Set(await sink.staff());
    for (const id of staff) {
      if (previous.has(id)) continue;
      await setCommands(sink.menu, Number(id), client, signal).catch(ignored);
    }
    for (const id of previous) {
      if (staff.has(id)) continue;
      const scope = { type: 'chat', chat_id: Number(id) } as const;
      for (const language of LOCALES.map(languageOf)) {
        await client
          .call('deleteMyCommands', (api, s) => api.deleteMyCommands({ scope, ...language }, s), signal)
          .catch(ignored);
      }
    }
    previous = staff;
    await pause(STAFF_CHECK_MS, undefined, { signal }).catch(() => undefined);
  }

  /** A person who never wrote to the bot has no chat to show a menu in. */
  function ignored(error: unknown): void {
    if (!(error instanceof ChannelError)) throw error;
    logger.debug({ reason: error.message }, 'a staff member got no command menu');
  }
}

async function setCommands(
  menu: readonly CommandMenuEntry[],
  chatId: number | undefined,
  client: TelegramClient,
  signal: AbortSignal,
): Promise<void> {
  const scope = chatId === undefined ? {} : { scope: { type: 'chat', chat_id: chatId } as const };
  for (const locale of LOCALES) {
    const commands = menu.slice(0, MAX_COMMANDS).map(({ name, description }) => ({
      command: name,
      description: shorten(description[locale], MAX_DESCRIPTION),
    }));
    const options = { commands, ...scope, ...languageOf(locale) };
    await client.call('setMyCommands', (api, s) => api.setMyCommands(options, s), signal);
  }
}

function languageOf(locale: (typeof LOCALES)[number]): { readonly language_code?: 'id' | 'en' } {
  return locale === MENU_FALLBACK ? {} : { language_code: locale };
}
