/** What is needed to go on with a session of the gateway. */
export interface GatewaySession {
  readonly sessionId: string;
  readonly resumeURL: string;
  readonly sequence: number;
  readonly shardCount: number;
  readonly shardId: number;
}

export interface Dispatch {
  readonly t: string;
  readonly s: number;
  readonly d: unknown;
}

/** What a connection tells; nothing of it may throw. */
export interface GatewayOptions {
  /** Bits of what we want to hear of. */
  readonly intents: number;
  /** The session to go on with, looked up before the first connection of a shard. */
  sessionOf(shardId: number): GatewaySession | undefined;
  /** A session began; `undefined`: it is over, and what was missed is not told again. */
  sessionChanged(shardId: number, session: GatewaySession | undefined): void;
  /** Waits as long as a shard is to wait before it connects; does not resolve when it no longer shall. */
  beforeConnect(shardId: number): Promise<void>;
  dispatch(shardId: number, dispatch: Dispatch): void;
  opened(shardId: number, how: 'ready' | 'resumed'): void;
  /** It is tried again, but for codes that only a person can do something about. */
  closed(shardId: number, code: number): void;
}

export interface OpenGateway {
  /** Ends the connections so that their sessions can be resumed. */
  close(): Promise<void>;
}
