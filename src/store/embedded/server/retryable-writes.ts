import { Binary, Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, encode, isDoc, type Doc } from '../bson/values.js';
import type { RecordStore } from '../storage/record-store.js';

/** How long the server remembers the last write of a session: MongoDB's session time-out. */
const REMEMBER_MS = 30 * 60_000;
/** Behind the name of a session: what is remembered of its commits. */
const COMMIT = '/commit';

interface LastWrite {
  readonly number: bigint;
  readonly at: number;
  readonly reply: Uint8Array;
}

/** Session and number of a retryable write. */
export interface WriteIdentity {
  readonly session: string;
  readonly number: bigint;
}

/**
 * The last reply per session, stored in the same commit as the write, so that a repeated write is
 * answered and not done again, also by the server that takes over after a crash.
 */
export class RetryableWrites {
  readonly #last = new Map<string, LastWrite>();

  constructor(
    private readonly records: RecordStore,
    private readonly now: () => Date,
  ) {
    this.reload();
  }

  reload(): void {
    this.#last.clear();
    for (const { name, value } of this.records.named('session')) {
      const { number, at, reply } = decodeTyped(value);
      if (!(number instanceof Long) || !(at instanceof Date) || !(reply instanceof Binary)) continue;
      this.#last.set(name, { number: number.toBigInt(), at: at.getTime(), reply: reply.buffer });
    }
  }

  /** @throws MongoCommandError 225 when the session already wrote under a higher number. */
  earlierReply({ session, number }: WriteIdentity): Uint8Array | undefined {
    const last = this.#last.get(session);
    if (!last || number > last.number) return undefined;
    if (number === last.number) return last.reply;
    throw new MongoCommandError(
      225,
      `Retryable write with txnNumber ${number} is prohibited on session because a newer one with txnNumber ${last.number} has already started`,
    );
  }

  remember({ session, number }: WriteIdentity, reply: Uint8Array): void {
    const at = this.now();
    this.#last.set(session, { number, at: at.getTime(), reply });
    this.records.putNamed(
      'session',
      session,
      encode({ number: Long.fromBigInt(number), at, reply: new Binary(reply) }),
    );
  }

  /** A session is over: its last write and its last commit. */
  forgetSession(session: string): void {
    this.#forget(session);
    this.#forget(session + COMMIT);
  }

  #forget(session: string): void {
    if (this.#last.delete(session)) this.records.removeNamed('session', session);
  }

  forgetOld(): void {
    const limit = this.now().getTime() - REMEMBER_MS;
    for (const [session, { at }] of this.#last) if (at < limit) this.#forget(session);
  }
}

/** @returns the session id as hexadecimal text, undefined when the command has none. */
export function sessionOf(lsid: unknown): string | undefined {
  const id = isDoc(lsid) ? lsid.id : undefined;
  return id instanceof Binary ? Buffer.from(id.buffer).toString('hex') : undefined;
}

/** Commits are remembered apart: the same number may be that of a write outside of a transaction. */
export const commitIdentity = ({ session, number }: WriteIdentity): WriteIdentity => ({
  session: `${session}${COMMIT}`,
  number,
});

/** The identity of a retryable write; undefined for a command that is none. */
export function writeIdentity(body: Doc): WriteIdentity | undefined {
  const session = sessionOf(body.lsid);
  const { txnNumber } = body;
  return session !== undefined && txnNumber instanceof Long && body.autocommit === undefined
    ? { session, number: txnNumber.toBigInt() }
    : undefined;
}
