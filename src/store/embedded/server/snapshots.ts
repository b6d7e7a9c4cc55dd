import { Timestamp } from 'bson';
import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { timeOf, timestampOf, type ClusterClock } from './cluster-clock.js';
import type { Transaction, Transactions } from './transactions.js';
import type { Request } from './wire.js';

/** Commands that can read a snapshot (the manual's page on read concern "snapshot"). */
const READS = new Set(['find', 'aggregate', 'distinct']);
/** A snapshot unused for this long is released, in ms. */
const KEPT_MS = 60_000;

interface Moment {
  readonly view: Transaction;
  usedAt: number;
}

/**
 * Reads with the read concern `snapshot` outside transactions: the first one creates a snapshot, whose time
 * its reply names; reads that name this time see the same data.
 */
export class Snapshots {
  readonly #moments = new Map<bigint, Moment>();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: ClusterClock,
  ) {}

  /**
   * The snapshot a read asks for; `undefined` for any other command. Throws `MongoCommandError` 72 for
   * commands that cannot read snapshots, 239 for a time whose snapshot no longer exists.
   */
  requestedBy({ name, body }: Request): { readonly view: Transaction; readonly time: Timestamp } | undefined {
    const concern = body.readConcern;
    if (!isDoc(concern) || concern.level !== 'snapshot' || body.autocommit !== undefined) return undefined;
    if (!READS.has(name) || writes(body)) {
      throw new MongoCommandError(
        72,
        `Command ${name} does not support { readConcern: { level: "snapshot" } } outside of a transaction`,
      );
    }
    const { atClusterTime } = concern;
    const time = atClusterTime instanceof Timestamp ? timeOf(atClusterTime) : this.clock.tick();
    const existing = this.#moments.get(time);
    if (!existing && atClusterTime !== undefined && time !== this.clock.latest) {
      throw new MongoCommandError(
        239,
        'Read timestamp is older than the oldest available timestamp: this moment is not kept',
      );
    }
    const moment = existing ?? { view: this.transactions.observe(), usedAt: 0 };
    moment.usedAt = performance.now();
    this.#moments.set(time, moment);
    return { view: moment.view, time: timestampOf(time) };
  }

  forgetOld(): void {
    const limit = performance.now() - KEPT_MS;
    for (const [time, { view, usedAt }] of this.#moments) if (usedAt < limit) this.#forget(time, view);
  }

  forgetAll(): void {
    for (const [time, { view }] of this.#moments) this.#forget(time, view);
  }

  #forget(time: bigint, view: Transaction): void {
    this.#moments.delete(time);
    this.transactions.abort(view);
  }
}

/** Adds the snapshot's time to a reply. */
export function withSnapshotTime(reply: Doc, atClusterTime: Timestamp): Doc {
  return isDoc(reply.cursor)
    ? { ...reply, cursor: { ...reply.cursor, atClusterTime } }
    : { ...reply, atClusterTime };
}

function writes({ pipeline }: Doc): boolean {
  const stages: unknown[] = Array.isArray(pipeline) ? pipeline : [];
  return stages.some(
    (stage) => isDoc(stage) && ('$out' in stage || '$merge' in stage || '$changeStream' in stage),
  );
}
