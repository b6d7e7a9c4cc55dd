import { aggregateCommands } from '../commands/aggregate.js';
import { collectionCommands } from '../commands/collections.js';
import { handshakeCommands } from '../commands/handshake.js';
import { indexCommands } from '../commands/indexes.js';
import { readCommands } from '../commands/reads.js';
import { writeCommands } from '../commands/writes.js';
import { encodeReply } from '../bson/reply.js';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { Catalog } from '../storage/catalog.js';
import { DocumentCache } from '../storage/document-cache.js';
import { RecordStore } from '../storage/record-store.js';
import { ChangeStreams, type StoreEvent } from './change-streams.js';
import type { CommandContext, CommandTable } from './context.js';
import { Cursors } from './cursors.js';
import { expireDocuments } from './expire-documents.js';
import { RetryableWrites, writeIdentity } from './retryable-writes.js';
import { errorReply, type Request } from './wire.js';

const COMMANDS: CommandTable = {
  ...handshakeCommands,
  ...readCommands,
  ...writeCommands,
  ...aggregateCommands,
  ...indexCommands,
  ...collectionCommands,
};

/** Decoded documents kept in memory, bytes (about; see `DocumentCache`). */
const CACHE_BYTES = 32 * 1024 * 1024;
/** How often expired documents, idle cursors and old sessions are looked for, milliseconds. */
const HOUSEKEEPING_MS = 5_000;

/** Writes that need not be on disk when they are answered are synced after this, milliseconds. */
const QUICK_SYNC_MS = 10;

export interface EngineOptions {
  /** Folder of the lmdb environment. */
  readonly path: string;
  /** Where clients reach the server; told in the handshake. */
  readonly address: string;
  readonly now: () => Date;
  /** Told, after the waiting commands were answered, that the files have to be opened anew. */
  readonly onBroken?: (reason: Error) => void;
}

/** Whether the client waits for the write only until it is applied, not until it is on disk. */
function isQuick({ writeConcern }: Doc): boolean {
  return isDoc(writeConcern) && writeConcern.j === false && toNumber(writeConcern.w) === 1;
}

/** Gives the encoded reply; called exactly once. */
export type Respond = (reply: Uint8Array) => void;

/**
 * Runs commands one after the other in memory and makes their writes durable together: replies wait
 * until the commit that holds everything they could have seen is synced to disk.
 *
 * A write with the write concern `{w: 1, j: false}` is answered when it is applied and everybody
 * sees it. It is synced with the next commit, 10 ms later when there is none; a crash before that
 * forgets it, and so does a disk that refuses that commit.
 */
export class Engine {
  readonly #records: RecordStore;
  readonly #cache = new DocumentCache(CACHE_BYTES);
  readonly #context: CommandContext;
  readonly #timer: NodeJS.Timeout;
  #events: StoreEvent[] = [];
  #waiting: { respond: Respond; reply: Uint8Array }[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #quickSync: NodeJS.Timeout | undefined;

  constructor(private readonly options: EngineOptions) {
    this.#records = new RecordStore(options.path);
    const { now, address } = options;
    const announce = (event: StoreEvent): void => {
      this.#events.push(event);
    };
    this.#context = {
      catalog: new Catalog({
        records: this.#records,
        cache: this.#cache,
        onChange: (change) => {
          announce({ type: 'change', change });
        },
      }),
      cursors: new Cursors(now),
      streams: new ChangeStreams(now),
      retryableWrites: new RetryableWrites(this.#records, now),
      address,
      now,
      announce,
      commitNow: () => {
        this.#commitOrThrow();
      },
    };
    this.#timer = setInterval(() => {
      this.#keepHouse();
    }, HOUSEKEEPING_MS);
    this.#timer.unref();
  }

  /** Runs a command. The reply may come later, when its writes are on disk or it waited for events. */
  execute(request: Request, respond: Respond): void {
    const revision = this.#records.revision;
    let result: Uint8Array | Promise<Uint8Array>;
    try {
      result = this.#run(request);
    } catch (error) {
      result = encodeReply(errorReply(toMongoError(error)));
    }
    if (result instanceof Promise) {
      const fail = (error: unknown): Uint8Array => encodeReply(errorReply(toMongoError(error)));
      void result.catch(fail).then(respond);
    } else {
      const hasWritten = this.#records.revision !== revision;
      this.#answer(result, respond, hasWritten, hasWritten && isQuick(request.body));
    }
  }

  #run(request: Request): Uint8Array | Promise<Uint8Array> {
    const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
    if (!command) throw new MongoCommandError(59, `no such command: '${request.name}'`);
    const isEnd = request.name === 'commitTransaction' || request.name === 'abortTransaction';
    const identity = isEnd ? undefined : writeIdentity(request.body);
    const earlier = identity && this.#context.retryableWrites.earlierReply(identity);
    if (earlier) return earlier;
    const reply = command(request, this.#context);
    if (reply instanceof Promise) return reply.then(encodeReply);
    const bytes = encodeReply(reply);
    if (identity) this.#context.retryableWrites.remember(identity, bytes);
    return bytes;
  }

  /**
   * A reply waits for the next commit when it wrote something, or when others wait for one: it may
   * show what they wrote. Quick writes alone keep nobody waiting.
   */
  #answer(reply: Uint8Array, respond: Respond, hasWritten: boolean, isQuickWrite: boolean): void {
    if (isQuickWrite || (!hasWritten && !this.#scheduled)) {
      respond(reply);
      if (isQuickWrite) this.#quickSync ??= setTimeout(() => this.#commit(), QUICK_SYNC_MS);
      else if (!this.#records.hasPending) this.#publish();
      return;
    }
    this.#waiting.push({ respond, reply });
    this.#schedule();
  }

  /** Everything that arrived in this turn of the event loop shares one sync. */
  #schedule(): void {
    this.#scheduled ??= setImmediate(() => this.#commit());
  }

  #commit(): void {
    clearImmediate(this.#scheduled);
    clearTimeout(this.#quickSync);
    this.#scheduled = undefined;
    this.#quickSync = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      this.#commitOrThrow();
      for (const { respond, reply } of waiting) respond(reply);
    } catch (error) {
      const reply = encodeReply(errorReply(toMongoError(error)));
      for (const { respond } of waiting) respond(reply);
      if (this.#records.isBroken) this.options.onBroken?.(toMongoError(error));
    }
  }

  /** @throws MongoCommandError when the disk refused; memory is then back at what is on disk. */
  #commitOrThrow(): void {
    try {
      this.#records.commit();
    } catch (error) {
      this.#events = [];
      this.#recover();
      throw error;
    }
    this.#publish();
  }

  #publish(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#context.streams.publish(events);
  }

  /** Forgets everything in memory: the next command reads what is on disk. */
  #recover(): void {
    this.#cache.clear();
    this.#context.catalog.reload();
    this.#context.retryableWrites.reload();
  }

  #keepHouse(): void {
    this.#context.cursors.closeIdle();
    this.#context.retryableWrites.forgetOld();
    expireDocuments(this.#context.catalog, this.options.now());
    if (this.#records.hasPending) this.#schedule();
  }

  /** Commits what waits, answers it and closes the files. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#context.cursors.closeAll();
    this.#context.streams.closeAll();
    this.#commit();
    await this.#records.close();
  }
}
