import { ChannelError, type ChannelErrorKind } from '../../src/contracts/channel.js';

/** For a 429 that names no wait, as proxies in front of Telegram send it. */
const DEFAULT_RETRY_AFTER_MS = 5_000;

/** A refused or failed call, with what Telegram said. Never holds the token or the payload. */
export class TelegramError extends ChannelError {
  constructor(
    kind: ChannelErrorKind,
    message: string,
    readonly facts: {
      readonly retryAfterMs?: number;
      /** HTTP status as the Bot API repeats it; absent when there was no answer. */
      readonly code?: number;
      readonly description?: string;
      /** The group became a supergroup and has this id now. */
      readonly migratedTo?: number;
    } = {},
  ) {
    super(kind, message, facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs });
  }
}

/** What a Bot API answer `{ok: false}` says. */
export interface Refusal {
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

/** A call that failed without a refusal. Causes are left out: they quote the URL, and the URL holds the token. */
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

const GONE =
  /chat not found|user not found|message thread not found|topic_deleted|topic_closed|peer_id_invalid|group chat was (upgraded|deactivated)/i;
/** Forbidden here only, not for ever: the bot lacks a right in a chat it is a member of. */
const NOT_ENOUGH_RIGHTS = /not enough rights|have no rights|need administrator rights/i;

function kindOf(code: number, description: string): ChannelErrorKind {
  if (code === 429) return 'rate-limited';
  if (code === 401) return 'unauthorized';
  // "Not Found" alone answers a malformed token; an unknown method says which.
  if (code === 404) return /method/i.test(description) ? 'rejected' : 'unauthorized';
  if (code === 403) return NOT_ENOUGH_RIGHTS.test(description) ? 'rejected' : 'gone';
  if (code >= 500) return 'unreachable';
  return GONE.test(description) ? 'gone' : 'rejected';
}

/** A word for the log: an error code or an error's name, never its message. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.cause instanceof Error) return failureName(error.cause);
  return /timed out/.test(error.message) ? 'timeout' : error.name;
}
