import { ChannelError, type ChannelErrorKind } from '../../src/contracts/channel.js';

/** A refused or failed call, with what Discord said. Never holds the token or the payload. */
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

/** Discord's own codes that we react to. */
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

/** Chats that are no more, or are closed to us for good. */
const GONE: readonly number[] = [
  CODES.unknownChannel,
  CODES.missingAccess,
  CODES.cannotMessageUser,
  CODES.nonTextChannel,
  CODES.archivedThread,
];

/** What an answer that is no success says. */
export function refusalError(
  call: string,
  { status, code, message }: { readonly status: number; readonly code: number; readonly message: string },
): DiscordError {
  // The first line: those after it repeat what was sent.
  const text = `${call}: ${status} ${message.split('\n')[0] ?? ''} (${code})`;
  return new DiscordError(kindOf(status, code), text, { status, code });
}

export function rateLimitError(call: string, retryAfterMs: number): DiscordError {
  return new DiscordError('rate-limited', `${call}: Discord wants us to wait`, {
    retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
  });
}

/** A call that failed without an answer. Causes are left out: they may quote what was sent. */
export function noAnswerError(call: string, error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new DiscordError('unreachable', `${call}: no usable answer (${failureName(error)})`);
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof DiscordError && error.facts.code !== undefined && codes.includes(error.facts.code);
}

function kindOf(status: number, code: number): ChannelErrorKind {
  // The token of an interaction is not the bot's: its refusal says nothing about that.
  if (code === CODES.invalidWebhookToken || code === CODES.unknownWebhook) return 'gone';
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'unreachable';
  return GONE.includes(code) ? 'gone' : 'rejected';
}

/** A word for the log: an error code or an error's name, never its message. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.cause instanceof Error) return failureName(error.cause);
  return error.name;
}
