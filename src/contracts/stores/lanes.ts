/**
 * Which process may work on a conversation, across all processes. A lane is marked before the
 * event is stored, so a crash can leave an empty lane but never an event without one.
 */
export interface LaneStore {
  /**
   * Makes sure that the lane is looked at no later than `dueAt`. With `keepUntil` it is also looked
   * at then, for what is written between the mark and that moment may be missed at `dueAt`.
   */
  mark(tenantId: string, conversationId: string, dueAt: Date, keepUntil?: Date): Promise<void>;
  /**
   * Makes the lane and takes it, durably and in one step. `undefined` when it exists: only of a
   * lane that did not is it known that nothing waited in it.
   */
  open(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /** Takes one lane, whether due or not, unless another live owner has it. */
  claim(tenantId: string, conversationId: string, owner: string, leaseMs: number): Promise<Lane | undefined>;
  /**
   * Takes any lane that is due, but none that needs the connection of an account which is not
   * among `connections`.
   */
  claimDue(owner: string, leaseMs: number, connections?: readonly string[]): Promise<Lane | undefined>;
  /** `false`: the lane was lost, stop at once. */
  renew(lane: Lane, leaseMs: number): Promise<boolean>;
  /**
   * Gives the lane back: removed when `nextDueAt` is absent and nobody marked it since it was
   * claimed. `needs` is the account whose connection the rest of the work goes through.
   */
  release(lane: Lane, nextDueAt?: Date, needs?: string): Promise<void>;
  /** Frees what dead processes of this host hold; returns how many lanes that were. */
  releaseOwner(owner: string): Promise<number>;
  /** Owners that hold lanes now. */
  owners(): Promise<readonly string[]>;
}

export interface Lane {
  readonly tenantId: string;
  readonly conversationId: string;
  readonly owner: string;
  /** Grows with each claim. */
  readonly fence: number;
}
