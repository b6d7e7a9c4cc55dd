export type ChannelErrorKind =
  /** Wait `retryAfterMs`, then repeat the call. */
  | 'rate-limited'
  /** The credential was refused: nothing will work until a person fixes it. */
  | 'unauthorized'
  /** The chat, topic or message no longer exists, or the person blocked the bot. */
  | 'gone'
  /** The platform refuses this message; resending is useless. */
  | 'rejected'
  /** Nothing was sent: the connection it needs is down, or held by another process. */
  | 'not-connected'
  /** The network or the platform failed, so it is unknown whether the message was accepted. */
  | 'unreachable';

export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  constructor(
    readonly kind: ChannelErrorKind,
    /** Method and reason; never contains a token. */
    message: string,
    readonly options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
  get retryAfterMs(): number | undefined {
    return this.options.retryAfterMs;
  }
}
