import { Long } from 'bson';
import { RawDocuments } from '../bson/reply.js';
import { isLong, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import { sessionOf } from './retryable-writes.js';

/** MongoDB's default size of the first batch. */
const FIRST_BATCH = 101;
/** MongoDB's lifetime of an idle cursor, in ms. */
const IDLE_MS = 10 * 60_000;

/** The source of a cursor's batches. */
export interface CursorSource {
  /** The next documents: at most `count` (`undefined`: no limit) and about 16 MB. */
  take(count: number | undefined): readonly Uint8Array[];
  readonly isDone: boolean;
  close?(): void;
}

/** Documents fetched one by one as a batch is read, e.g. by their record numbers. */
export class ListSource<Item> implements CursorSource {
  #at = 0;

  constructor(
    private readonly items: readonly Item[],
    private readonly toBytes: (item: Item) => Uint8Array | undefined,
  ) {}

  get isDone(): boolean {
    return this.#at >= this.items.length;
  }

  take(count: number | undefined): Uint8Array[] {
    const out: Uint8Array[] = [];
    let bytes = 0;
    while (!this.isDone && out.length < (count ?? Infinity)) {
      const item = this.items[this.#at];
      const document = item === undefined ? undefined : this.toBytes(item);
      if (document && out.length > 0 && bytes + document.length > MAX_DOCUMENT_BYTES) break;
      this.#at += 1;
      if (!document) continue;
      out.push(document);
      bytes += document.length;
    }
    return out;
  }
}

/** The command that opens a cursor, and what the cursor reads. */
export interface Opener {
  readonly namespace: string;
  readonly body: Doc;
}

interface OpenCursor {
  readonly namespace: string;
  /** Of the command that opened it; only commands of the same session can read on. */
  readonly session: string | undefined;
  readonly transaction: string | undefined;
  readonly source: CursorSource;
  usedAt: number;
}

export class Cursors {
  readonly #open = new Map<bigint, OpenCursor>();
  #nextId = BigInt(Date.now()) << 20n;

  constructor(private readonly now: () => Date) {}

  add({ namespace, body }: Opener, source: CursorSource): bigint {
    this.#nextId += 1n;
    const usedAt = this.now().getTime();
    this.#open.set(this.#nextId, { namespace, ...userOf(body), source, usedAt });
    return this.#nextId;
  }

  /**
   * The cursor that a `getMore` command reads. Throws `MongoCommandError` 43 if it does not exist, 50736 to
   * 50741 if it belongs to another session or transaction.
   */
  get(id: bigint, body: Doc): OpenCursor {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoCommandError(43, `cursor id ${id} not found`);
    refuseForeign(id, cursor, userOf(body));
    cursor.usedAt = this.now().getTime();
    return cursor;
  }

  kill(id: bigint): boolean {
    this.#open.get(id)?.source.close?.();
    return this.#open.delete(id);
  }

  /** Closes the cursors of a session; without a session, those of all sessions. */
  killSession(session?: string): void {
    for (const [id, { session: owner }] of this.#open)
      if (owner !== undefined && (session === undefined || owner === session)) this.kill(id);
  }

  closeIdle(): void {
    const limit = this.now().getTime() - IDLE_MS;
    for (const [id, { usedAt }] of this.#open) if (usedAt < limit) this.kill(id);
  }

  closeAll(): void {
    for (const id of this.#open.keys()) this.kill(id);
  }

  /**
   * The reply to a command that opens a cursor. If everything fits in the first batch, no cursor stays open.
   */
  firstReply(opener: Opener, source: CursorSource, batchSize: number | undefined, isSingle = false): Doc {
    const firstBatch = source.take(batchSize ?? FIRST_BATCH);
    const isOpen = !source.isDone && !isSingle;
    const id = Long.fromBigInt(isOpen ? this.add(opener, source) : 0n);
    return { cursor: { firstBatch: new RawDocuments(firstBatch), id, ns: opener.namespace }, ok: 1 };
  }
}

type CursorUser = Pick<OpenCursor, 'session' | 'transaction'>;

const userOf = ({ lsid, txnNumber, autocommit }: Doc): CursorUser => ({
  session: sessionOf(lsid),
  transaction: autocommit === undefined || !isLong(txnNumber) ? undefined : txnNumber.toString(),
});

function refuseForeign(id: bigint, cursor: CursorUser, user: CursorUser): void {
  refuseOther(id, 50736, 'session', cursor.session, user.session);
  refuseOther(id, 50739, 'transaction', cursor.transaction, user.transaction);
}

/** Three codes in a row: created in none, read in none, read in another one. */
function refuseOther(
  id: bigint,
  firstCode: number,
  kind: string,
  owner: string | undefined,
  user: string | undefined,
): void {
  if (owner === user) return;
  const refusal = (offset: number, reason: string): MongoCommandError =>
    new MongoCommandError(firstCode + offset, `Cannot run getMore on cursor ${id}, which ${reason}`);
  if (owner === undefined) throw refusal(0, `was not created in a ${kind}, in ${kind} ${user}`);
  if (user === undefined) throw refusal(1, `was created in ${kind} ${owner}, without one`);
  throw refusal(2, `was created in ${kind} ${owner}, in ${kind} ${user}`);
}
