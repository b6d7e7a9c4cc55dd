import { Binary, Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, encode, isDoc, toNumber, type Doc } from '../bson/values.js';
import type { RecordStore } from '../storage/record-store.js';

/** A session unused for this long has ended, in ms: MongoDB's session timeout. */
export const SESSION_MS = 30 * 60_000;
/** Suffix of a session's name for what is remembered of its commits. */
const COMMIT = '/commit';

interface LastWrite {
  readonly number: bigint;
  readonly at: number;
  /** `undefined` while it is in progress. */
  readonly reply: Uint8Array | undefined;
  /** How far a command got that ended in the middle. */
  readonly progress: Doc | undefined;
}

/** How far a command with many writes has got. */
export interface Progress<State extends Doc> {
  /** Number of completed writes. */
  done: number;
  /** What its reply will say about them. */
  readonly state: State;
}

/** The session and number of a retryable write. */
export interface WriteIdentity {
  readonly session: string;
  readonly number: bigint;
}

/**
 * The last reply per session, stored in the same commit as the write, so that a repeated write is answered
 * without being done again, even by a server that takes over after a crash.
 */
export class RetryableWrites {
  readonly #last = new Map<string, LastWrite>();
  /** Running commands with many writes, and how much of their progress has been saved. */
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

  /** Whether a command repeats a write that has been done. */
  isDone(body: Doc): boolean {
    const identity = writeIdentity(body);
    const last = identity && this.#last.get(identity.session);
    return last?.reply !== undefined && last.number === identity?.number;
  }

  /** Throws `MongoCommandError` 225 if the session has already written with a higher number. */
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
   * Begins a command with many writes, or resumes one whose process was killed. Its writes become durable in
   * parts, and its progress with each of them, so that every write is done once if the client repeats the
   * command.
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

  /** Called before a commit: saves the progress of running commands. */
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

  /** A command has ended, successfully or not. */
  end(identity: WriteIdentity | undefined): void {
    if (identity) this.#running.delete(identity.session);
  }

  /** A session has ended: forgets its last write and its last commit. */
  forgetSession(session: string): void {
    this.#forget(session);
    this.#forget(session + COMMIT);
  }

  #forget(session: string): void {
    this.#running.delete(session);
    if (this.#last.delete(session)) this.records.removeNamed('session', session);
  }

  forgetOld(): void {
    const limit = this.now().getTime() - SESSION_MS;
    for (const [session, { at }] of this.#last) if (at < limit) this.#forget(session);
  }
}

interface Running {
  readonly number: bigint;
  readonly progress: Progress<Doc>;
  saved: number;
}

/** The session id as hexadecimal text; `undefined` if the command has none. */
export function sessionOf(lsid: unknown): string | undefined {
  const id = isDoc(lsid) ? lsid.id : undefined;
  if (!(id instanceof Binary)) return undefined;
  const { buffer } = id;
  return (buffer instanceof Buffer ? buffer : Buffer.from(buffer)).toString('hex');
}

/** Commits are remembered separately, because a write outside a transaction may have the same number. */
export const commitIdentity = ({ session, number }: WriteIdentity): WriteIdentity => ({
  session: `${session}${COMMIT}`,
  number,
});

/** The identity of a retryable write; `undefined` for any other command. */
export function writeIdentity(body: Doc): WriteIdentity | undefined {
  const { txnNumber } = body;
  if (!(txnNumber instanceof Long) || body.autocommit !== undefined) return undefined;
  const session = sessionOf(body.lsid);
  return session === undefined ? undefined : { session, number: txnNumber.toBigInt() };
}
