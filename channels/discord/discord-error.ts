import { ChannelError, type ChannelErrorKind } from '../../src/contracts/channel.js';

/** A refused or failed call, with Discord's explanation. Never contains the token or the payload. */
export class DiscordError extends ChannelError {
  constructor(
    kind: ChannelErrorKind,
    message: string,
    readonly facts: {
      readonly retryAfterMs?: number;
      readonly status?: number;
      /** Discord's own code, e.g. 50013. */
      readonly code?: number;
    } = {},
  ) {
    super(kind, message, facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs });
  }
}

/** Discord error codes that we handle. */
export const CODES = {
  unknownChannel: 10003,
  unknownMessage: 10008,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  alreadyAcknowledged: 40060,
  postWithoutFirstMessage: 40058,
  missingAccess: 50001,
  cannotMessageUser: 50007,
  nonTextChannel: 50008,
  missingPermissions: 50013,
  invalidWebhookToken: 50027,
  archivedThread: 50083,
} as const;

/** Codes for chats that no longer exist or are permanently closed to us. */
const GONE: readonly number[] = [
  CODES.unknownChannel,
  CODES.missingAccess,
  CODES.cannotMessageUser,
  CODES.nonTextChannel,
  CODES.archivedThread,
];

/** Builds the error for an unsuccessful response. */
export function refusalError(
  call: string,
  { status, code, message }: { readonly status: number; readonly code: number; readonly message: string },
): DiscordError {
  // Only the first line: the following lines repeat what was sent.
  const text = `${call}: ${status} ${message.split('\n')[0] ?? ''} (${code})`;
  return new DiscordError(kindOf(status, code), text, { status, code });
}

export function rateLimitError(call: string, retryAfterMs: number): DiscordError {
  return new DiscordError('rate-limited', `${call}: Discord wants us to wait`, {
    retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
  });
}

/**
 * Builds the error for a call that failed without a response. Leaves out causes, because they may quote what
 * was sent.
 */
export function noAnswerError(call: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new DiscordError('unreachable', `${call}: no usable answer (${failureName(error)})`);
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof DiscordError && error.facts.code !== undefined && codes.includes(error.facts.code);
}

function kindOf(status: number, code: number): ChannelErrorKind {
  // An interaction token is not the bot's token, so its refusal says nothing about the bot.
  if (code === CODES.invalidWebhookToken || code === CODES.unknownWebhook) return 'gone';
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'unreachable';
  return GONE.includes(code) ? 'gone' : 'rejected';
}

/** Describes a failure for the log with an error code or an error's name, never its message. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.cause instanceof Error) return failureName(error.cause);
  return error.name;
}
