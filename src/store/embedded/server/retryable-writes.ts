import { Binary, Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, encode, isDoc, toNumber, type Doc } from '../bson/values.js';
import type { RecordStore } from '../storage/record-store.js';

/** How long the server remembers the last write of a session: MongoDB's session time-out. */
const REMEMBER_MS = 30 * 60_000;
/** Behind the name of a session: what is remembered of its commits. */
const COMMIT = '/commit';

interface LastWrite {
  readonly number: bigint;
  readonly at: number;
  /** Undefined while it is under way. */
  readonly reply: Uint8Array | undefined;
  /** Of a command that ended in the middle: how far it came. */
  readonly progress: Doc | undefined;
}

/** How far a command of many writes is. */
export interface Progress<State extends Doc> {
  /** So many of its writes are done. */
  done: number;
  /** What its reply will tell of them. */
  readonly state: State;
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
  /** Commands of many writes that are under way, and how much of them is noted. */
  readonly #running = new Map<string, Running>();

  constructor(
    private readonly records: RecordStore,
    private readonly now: () => Date,
  ) {
    this.reload();
  }

  reload(): void {
    this.#last.clear();
    this.#running.clear();
    for (const { name, value } of this.records.namedRecords('session')) {
      const { number, at, reply, progress } = decodeTyped(value);
      if (!(number instanceof Long) || !(at instanceof Date)) continue;
      this.#last.set(name, {
        number: number.toBigInt(),
        at: at.getTime(),
        reply: reply instanceof Binary ? reply.buffer : undefined,
        progress: isDoc(progress) ? progress : undefined,
      });
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
    this.#running.delete(session);
    this.#last.set(session, { number, at: at.getTime(), reply, progress: undefined });
    this.records.putNamed(
      'session',
      session,
      encode({ number: Long.fromBigInt(number), at, reply: new Binary(reply) }),
    );
  }

  /**
   * A command of many writes begins, or goes on where its process was killed. Its writes become durable
   * in parts; how far it came does so with each of them, so that a client that asks again has each write
   * done once.
   */
  begin<State extends Doc>(identity: WriteIdentity | undefined, state: State): Progress<State> {
    const progress = { done: 0, state };
    if (!identity) return progress;
    const { session, number } = identity;
    const earlier = this.#earlierProgress(identity);
    if (earlier) {
      progress.done = toNumber(earlier.done) ?? 0;
      for (const [name, value] of Object.entries(isDoc(earlier.state) ? earlier.state : {})) {
        Object.assign(state, { [name]: toNumber(value) ?? value });
      }
    }
    this.#running.set(session, { number, progress, saved: progress.done });
    return progress;
  }

  #earlierProgress({ session, number }: WriteIdentity): Doc | undefined {
    const running = this.#running.get(session);
    if (running?.number === number) return { ...running.progress };
    const last = this.#last.get(session);
    return last?.number === number ? last.progress : undefined;
  }

  /** Before a commit: notes how far commands are. */
  saveProgress(): void {
    for (const [session, running] of this.#running) {
      const { number, progress, saved } = running;
      if (progress.done === saved) continue;
      running.saved = progress.done;
      const at = this.now();
      this.#last.set(session, { number, at: at.getTime(), reply: undefined, progress: { ...progress } });
      const note = { number: Long.fromBigInt(number), at, progress: { ...progress } };
      this.records.putNamed('session', session, encode(note));
    }
  }

  /** A command is over, also one that failed. */
  end(identity: WriteIdentity | undefined): void {
    if (identity) this.#running.delete(identity.session);
  }

  /** A session is over: its last write and its last commit. */
  forgetSession(session: string): void {
    this.#forget(session);
    this.#forget(session + COMMIT);
  }

  #forget(session: string): void {
    this.#running.delete(session);
    if (this.#last.delete(session)) this.records.removeNamed('session', session);
  }

  forgetOld(): void {
    const limit = this.now().getTime() - REMEMBER_MS;
    for (const [session, { at }] of this.#last) if (at < limit) this.#forget(session);
  }
}

interface Running {
  readonly number: bigint;
  readonly progress: Progress<Doc>;
  saved: number;
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
