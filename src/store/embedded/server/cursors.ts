import { Long } from 'bson';
import { RawDocuments } from '../bson/reply.js';
import type { Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';

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

interface OpenCursor {
  readonly namespace: string;
  readonly source: CursorSource;
  usedAt: number;
}

export class Cursors {
  readonly #open = new Map<bigint, OpenCursor>();
  #nextId = BigInt(Date.now()) << 20n;

  constructor(private readonly now: () => Date) {}

  add(namespace: string, source: CursorSource): bigint {
    this.#nextId += 1n;
    this.#open.set(this.#nextId, { namespace, source, usedAt: this.now().getTime() });
    return this.#nextId;
  }

  /** Throws `MongoCommandError` 43 if the cursor does not exist. */
  get(id: bigint): OpenCursor {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoCommandError(43, `cursor id ${id} not found`);
    cursor.usedAt = this.now().getTime();
    return cursor;
  }

  kill(id: bigint): boolean {
    this.#open.get(id)?.source.close?.();
    return this.#open.delete(id);
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
  firstReply(namespace: string, source: CursorSource, batchSize: number | undefined, isSingle = false): Doc {
    const firstBatch = source.take(batchSize ?? FIRST_BATCH);
    const isOpen = !source.isDone && !isSingle;
    const id = Long.fromBigInt(isOpen ? this.add(namespace, source) : 0n);
    return { cursor: { firstBatch: new RawDocuments(firstBatch), id, ns: namespace }, ok: 1 };
  }
}
