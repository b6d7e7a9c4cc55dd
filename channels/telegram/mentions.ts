import type { TelegramEntity } from './update-schema.js';

/** The bot's identity on Telegram. */
export interface BotIdentity {
  readonly id: string;
  /** Without the `@`; unknown before the first getMe. */
  readonly username?: string;
}

/** In a group: whether the text mentions the bot or replies to one of its messages. */
export function isAddressed(
  text: string,
  entities: readonly TelegramEntity[],
  repliedUserId: number | undefined,
  bot: BotIdentity,
): boolean {
  if (repliedUserId !== undefined && String(repliedUserId) === bot.id) return true;
  return entities.some((entity) => {
    if (entity.type === 'text_mention') return String(entity.user?.id) === bot.id;
    if (entity.type !== 'mention') return false;
    const mentioned = text.slice(entity.offset + 1, entity.offset + entity.length);
    return bot.username !== undefined && mentioned.toLowerCase() === bot.username.toLowerCase();
  });
}

/** The text without mentions of the bot. A text of nothing but mentions is returned unchanged. */
export function withoutMention(text: string, bot: BotIdentity): string {
  const name = bot.username;
  if (name === undefined || !text.toLowerCase().includes(`@${name.toLowerCase()}`)) return text;
  const inside = new RegExp(`(^|\\s)[,;:–—-]?\\s*@${name.replace(/\W/g, '')}(?!\\w)`, 'gi');
  const rest = withoutLeadingMention(text, bot)
    .replace(inside, '$1')
    .replace(/[ \t]{2,}/g, ' ')
    .trim();
  return rest === '' ? text : rest.replace(/\s+([,.;:!?])/g, '$1');
}

/**
 * "@our_bot, are you open?" becomes "are you open?". A text that is only the mention is returned unchanged.
 */
function withoutLeadingMention(text: string, bot: BotIdentity): string {
  const name = bot.username;
  if (name === undefined || text[0] !== '@') return text;
  const end = name.length + 1;
  if (text.slice(1, end).toLowerCase() !== name.toLowerCase()) return text;
  if (/^\w/.test(text.slice(end))) return text;
  const rest = text.slice(end).replace(/^[\s,:;–—-]+/, '');
  return rest === '' ? text : rest;
}
