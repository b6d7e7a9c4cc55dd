/**
 * Which process may work on a conversation, across all processes. A lane is marked before its event is
 * stored, so a crash can leave an empty lane but never an event without one.
 */
export interface LaneStore {
  /**
   * Ensures that the lane is looked at by `dueAt`. With `keepUntil`, it is looked at again then, because
   * something written between the mark and that time may be missed at `dueAt`.
   */
  mark(tenantId: string, conversationId: string, dueAt: Date, keepUntil?: Date): Promise<void>;
  /**
   * Creates and claims the lane in one durable step. `undefined` if it already exists; only a new lane is
   * known to have nothing waiting in it.
   */
  open(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** Claims one lane, due or not, unless another live owner holds it. */
  claim(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** Claims any due lane, except those that need the connection of an account not in `connections`. */
  claimDue(owner: string, leaseMs: number, connections?: readonly string[]): Promise<Lane | undefined>;
  /** Claims a due lane whose work needs the connection of one of these accounts. */
  claimConnected(owner: string, leaseMs: number, connections: readonly string[]): Promise<Lane | undefined>;
  /** `false`: the lane was lost, stop immediately. */
  renew(lane: Lane, leaseMs: number): Promise<boolean>;
  /** Releases the lane, and removes it if nothing is left to do and nobody has marked it since it was claimed. */
  release(lane: Lane, rest?: LaneRest): Promise<void>;
  /** Releases what dead processes of this host hold; returns the number of lanes. */
  releaseOwner(owner: string): Promise<number>;
  /** Owners that currently hold lanes. */
  owners(): Promise<readonly string[]>;
}

/** What is left to do when a lane is released. */
export interface LaneRest {
  /** When to work on the lane again; absent if nothing is left to do. */
  readonly nextDueAt?: Date;
  /** The account whose connection the remaining work needs. */
  readonly needs?: string;
  /** Sent before the lane is released, in the same command if possible. */
  readonly lastWrite?: PreparedWrite;
}

/** A write that may share a command with others. */
export interface PreparedWrite {
  /** Sends it on its own. */
  send(): Promise<void>;
}

export interface Lane {
  readonly tenantId: string;
  readonly conversationId: string;
  readonly owner: string;
  /** Increases with each claim. */
  readonly fence: number;
}
