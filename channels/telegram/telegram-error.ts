import { ChannelError, type ChannelErrorKind } from '../../src/contracts/channel.js';

/** For a 429 without a wait time, as sent by proxies in front of Telegram. */
const DEFAULT_RETRY_AFTER_MS = 5_000;

/** A refused or failed call, with Telegram's explanation. Never contains the token or the payload. */
export class TelegramError extends ChannelError {
  constructor(
    kind: ChannelErrorKind,
    message: string,
    readonly facts: {
      readonly retryAfterMs?: number;
      /** HTTP status as repeated by the Bot API; absent if there was no answer. */
      readonly code?: number;
      readonly description?: string;
      /** New id of a group that became a supergroup. */
      readonly migratedTo?: number;
    } = {},
  ) {
    super(kind, message, facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs });
  }
}

/** A Bot API answer with `{ok: false}`. */
export interface Refusal {
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

/**
 * A call that failed without a refusal. Causes are omitted: they quote the URL, and the URL contains the
 * token.
 */
export function toTelegramError(method: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new TelegramError('unreachable', `${method}: no usable answer (${failureName(error)})`);
}

export function refusalError(
  method: string,
  { error_code: code, description, parameters }: Refusal,
): TelegramError {
  const message = `${method}: ${code} ${description}`;
  const facts = { code, description };
  const kind = kindOf(code, description);
  if (kind === 'rate-limited') {
    const seconds = parameters?.retry_after;
    const retryAfterMs = seconds === undefined ? DEFAULT_RETRY_AFTER_MS : seconds * 1000;
    return new TelegramError(kind, message, { ...facts, retryAfterMs });
  }
  const migratedTo = parameters?.migrate_to_chat_id;
  return new TelegramError(kind, message, { ...facts, ...(migratedTo === undefined ? {} : { migratedTo }) });
}

const CHAT_GONE =
  /chat not found|user not found|message thread not found|topic_deleted|topic_closed|peer_id_invalid|group chat was (upgraded|deactivated)/i;
/** Forbidden only in this chat: the bot is a member but lacks a right. */
const NOT_ENOUGH_RIGHTS = /not enough rights|have no rights|need administrator rights/i;

function kindOf(code: number, description: string): ChannelErrorKind {
  if (code === 429) return 'rate-limited';
  if (code === 401) return 'unauthorized';
  // "Not Found" alone means a malformed token; for an unknown method the description mentions the method.
  if (code === 404) return /method/i.test(description) ? 'rejected' : 'unauthorized';
  if (code === 403) return NOT_ENOUGH_RIGHTS.test(description) ? 'rejected' : 'gone';
  if (code >= 500) return 'unreachable';
  return CHAT_GONE.test(description) ? 'gone' : 'rejected';
}

/** A word for the log: an error's code or name, never its message. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.cause instanceof Error) return failureName(error.cause);
  return /timed out/.test(error.message) ? 'timeout' : error.name;
}
