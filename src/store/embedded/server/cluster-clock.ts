import { Binary, Long, Timestamp } from 'bson';
import { encode } from '../bson/values.js';

const HASH_BYTES = 20;

/**
 * The logical time of the replica set: each committed change gets its own, and none is used twice, even after
 * a restart.
 */
export class ClusterClock {
  #seconds = 0;
  #count = 0;
  #tail: Buffer | undefined;

  constructor(private readonly now: () => Date) {
    this.tick();
    // A server that ended within this second may have used times in it that were not recorded.
    this.#seconds += 1;
  }

  /** The time of the newest change, as a single increasing number. */
  get latest(): bigint {
    return (BigInt(this.#seconds) << 32n) | BigInt(this.#count);
  }

  tick(): bigint {
    const seconds = Math.floor(this.now().getTime() / 1_000);
    if (seconds > this.#seconds) {
      this.#seconds = seconds;
      this.#count = 1;
    } else this.#count += 1;
    this.#tail = undefined;
    return this.latest;
  }

  /** Continues in the second after a time that was used before this server started. */
  atLeast(time: bigint): void {
    const seconds = Number(time >> 32n);
    if (seconds < this.#seconds) return;
    // There may have been unrecorded changes within that second.
    this.#seconds = seconds + 1;
    this.#count = 0;
    this.#tail = undefined;
  }

  /** The time fields of every reply, as encoded elements of its document. */
  replyTail(): Buffer {
    return (this.#tail ??= this.#encodeTail());
  }

  #encodeTail(): Buffer {
    const clusterTime = timestampOf(this.latest);
    const signature = { hash: new Binary(Buffer.alloc(HASH_BYTES)), keyId: Long.ZERO };
    const encoded = encode({ $clusterTime: { clusterTime, signature }, operationTime: clusterTime });
    return encoded.subarray(4, -1);
  }
}

export const timestampOf = (time: bigint): Timestamp =>
  new Timestamp({ t: Number(time >> 32n), i: Number(time & 0xffff_ffffn) });

export const timeOf = (value: Timestamp): bigint =>
  (BigInt(value.getHighBitsUnsigned()) << 32n) | BigInt(value.getLowBitsUnsigned());
