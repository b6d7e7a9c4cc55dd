import { z } from 'zod';

const DEFAULT_API_ROOT = 'https://api.telegram.org';

/** Settings of a Telegram account. */
export const telegramConfigSchema = z.strictObject({
  token: z
    .string()
    .regex(/^\d+:[^\s/?#]+$/, 'not a bot token: it looks like 123456:ABC-DEF')
    .describe('From @BotFather'),
  apiRoot: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default(DEFAULT_API_ROOT),
  mode: z.enum(['polling', 'webhook']).default('polling'),
  webhookSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,256}$/, '16 to 256 letters, digits, _ or -')
    .optional()
    .describe('Telegram repeats it in a header of every webhook call; made from the token when absent'),
  username: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional()
    .describe('The bot’s own name; learned from getMe when absent'),
});

export type TelegramConfig = z.output<typeof telegramConfigSchema>;

/** The bot's user id is the first half of its token. */
export function botIdOf(config: TelegramConfig): string {
  return config.token.slice(0, config.token.indexOf(':'));
}
