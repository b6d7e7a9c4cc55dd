import { ChannelError } from '../../src/contracts/channel.js';

/** Waits after refusals for which WhatsApp gives no time. */
const RESTRICTED_WAIT_MS = 15 * 60_000;
const RATE_WAIT_MS = 60_000;

/** Maps the server's negative acknowledgement of a message: it was not sent. */
export function refusalError(code: string): ChannelError {
  const message = `send: WhatsApp refused it (${code})`;
  switch (code) {
    case '401':
    case '403':
      return new ChannelError('rejected', message);
    case '404':
    case '410':
      return new ChannelError('gone', message);
    case '429':
      return new ChannelError('rate-limited', message, { retryAfterMs: RATE_WAIT_MS });
    case RESTRICTED:
      return new ChannelError('rate-limited', `${message}: the number may not start chats now`, {
        retryAfterMs: RESTRICTED_WAIT_MS,
      });
    case '500':
    case '503':
      return new ChannelError('unreachable', message);
    default:
      return new ChannelError('rejected', message);
  }
}

/** No token for this person, or the account is restricted. */
export const RESTRICTED = '463';

/**
 * Maps a failure without a response from the server. Leaves out causes, because they contain keys and texts.
 */
export function toWhatsAppError(method: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const code = statusCodeOf(error);
  if (code === 404 || code === 410)
    return new ChannelError('gone', `${method}: it no longer exists (${code})`);
  if (code === 406) return new ChannelError('rejected', `${method}: not acceptable (${code})`);
  return new ChannelError('unreachable', `${method}: no usable answer (${failureName(error)})`);
}

/** The library's errors carry an HTTP-like status. */
export function statusCodeOf(error: unknown): number | undefined {
  const output = (error as { output?: { statusCode?: unknown } } | null | undefined)?.output;
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined;
}

/** Describes a failure for the log with a code or an error's name, never its message. */
function failureName(error: unknown): string {
  const status = statusCodeOf(error);
  if (status !== undefined) return String(status);
  if (!(error instanceof Error)) return 'unknown failure';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
