/** What is needed to resume a gateway session. */
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

/** Settings and callbacks of a connection; the callbacks must not throw. */
export interface GatewayOptions {
  /** Intents to subscribe to, as bits. */
  readonly intents: number;
  /** The session to resume, looked up before a shard's first connection. */
  sessionOf(shardId: number): GatewaySession | undefined;
  /** A session began; `undefined`: it ended, and Discord will not replay what was missed. */
  sessionChanged(shardId: number, session: GatewaySession | undefined): void;
  /** Resolves when a shard may connect; never resolves if it should no longer connect. */
  beforeConnect(shardId: number): Promise<void>;
  dispatch(shardId: number, dispatch: Dispatch): void;
  opened(shardId: number, how: 'ready' | 'resumed'): void;
  /** The shard reconnects, except after codes that only a person can do something about. */
  closed(shardId: number, code: number): void;
}

export interface OpenGateway {
  /** Closes the connections in a way that allows their sessions to be resumed. */
  close(): Promise<void>;
}
