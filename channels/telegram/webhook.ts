import { createHash, timingSafeEqual } from 'node:crypto';
import type { TelegramConfig } from './config.js';

/** Telegram repeats the secret of setWebhook in this header. */
export const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

/**
 * Is a webhook call from Telegram? To be asked before the body is read. Compares hashes, so
 * that neither content nor length of the secret can be learned from the time it takes.
 */
export function isFromTelegram(header: string | string[] | undefined, config: TelegramConfig): boolean {
  if (config.webhookSecret === undefined || typeof header !== 'string') return false;
  return timingSafeEqual(sha256(header), sha256(config.webhookSecret));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
