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
import { expireDocuments } from '../storage/expiry.js';
import { RecordStore } from '../storage/record-store.js';
import { ChangeStreams, type StoreEvent } from './change-streams.js';
import { Commits, type Respond } from './commits.js';
import type { CommandContext, CommandTable } from './context.js';
import { Cursors } from './cursors.js';
import { RetryableWrites, writeIdentity } from './retryable-writes.js';
import { Upkeep, type BackupOptions } from './upkeep.js';
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
/** A collection in no command for so many rounds of housekeeping, ten minutes, is let go. */
const IDLE_ROUNDS = 120;
/** One round deletes at most this many documents of a collection, so that commands get their turn. */
const MAX_EXPIRED = 1_000;
/** And reads at most this many collections that nobody uses, to see what expires in them. */
const MAX_READ = 200;

export interface EngineOptions {
  /** Folder of the lmdb environment. */
  readonly path: string;
  /** Where clients reach the server; told in the handshake. */
  readonly address: string;
  readonly now: () => Date;
  /** Told what is damaged, in sentences. */
  readonly report?: (level: 'info' | 'error', sentence: string) => void;
  readonly backups?: BackupOptions | undefined;
  /** Told, after the waiting commands were answered, that the files have to be opened anew. */
  readonly onBroken?: (reason: Error) => void;
}

/** Whether the client waits for the write only until it is applied, not until it is on disk. */
function isQuick({ writeConcern }: Doc): boolean {
  return isDoc(writeConcern) && writeConcern.j === false && toNumber(writeConcern.w) === 1;
}

/**
 * Runs commands one after the other in memory and makes their writes durable together: a reply
 * waits until the commit that holds everything it could have seen is synced to disk.
 *
 * A write with the write concern `{w: 1, j: false}` is answered when it is applied and everybody
 * sees it. It is synced with the next commit, 10 ms later when there is none; a crash before that
 * forgets it, and so does a disk that refuses that commit.
 */
export class Engine {
  readonly #records: RecordStore;
  readonly #cache = new DocumentCache(CACHE_BYTES);
  readonly #context: CommandContext;
  readonly #commits: Commits;
  readonly #upkeep: Upkeep;
  readonly #timer: NodeJS.Timeout;
  /** Commands that came while the files are exchanged. */
  #paused: { readonly request: Request; readonly respond: Respond }[] | undefined;
  /** Told to change streams when the commit that holds them is on disk. */
  #events: StoreEvent[] = [];

  /** @throws DamagedStoreError when nothing of the folder's store can be read. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { report } = options;
    const damage = (sentence: string): void => report?.('error', sentence);
    return new Engine(options, await RecordStore.open(options.path, { report: damage }));
  }

  private constructor(
    private readonly options: EngineOptions,
    records: RecordStore,
  ) {
    this.#records = records;
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
      compact: () => this.#upkeep.compact(),
    };
    this.#commits = new Commits({
      records: this.#records,
      takeEvents: () => this.#takeEvents(),
      recover: () => {
        this.#recover();
      },
      onBroken: options.onBroken,
    });
    this.#upkeep = new Upkeep({
      path: options.path,
      backups: options.backups,
      records,
      now,
      whileHeld: async (work) => {
        const release = await this.#commits.hold();
        return work().finally(release);
      },
      whilePaused: (work) => this.#whilePaused(work),
      report: options.report ?? (() => undefined),
    });
    this.#timer = setInterval(() => {
      this.#keepHouse();
    }, HOUSEKEEPING_MS);
    this.#timer.unref();
  }

  /** Runs a command. The reply may come later, when its writes are on disk or it waited for events. */
  execute(request: Request, respond: Respond): void {
    if (this.#paused) {
      this.#paused.push({ request, respond });
      return;
    }
    const revision = this.#records.revision;
    const { touched } = this.#context.catalog;
    touched.clear();
    let result: Uint8Array | Promise<Uint8Array>;
    try {
      result = this.#run(request);
    } catch (error) {
      result = encodeReply(errorReply(toMongoError(error)));
    }
    if (result instanceof Promise) {
      const fail = (error: unknown): Uint8Array => encodeReply(errorReply(toMongoError(error)));
      void result.catch(fail).then(respond);
    } else if (this.#records.revision === revision) this.#commits.answerRead(result, respond, touched);
    else if (isQuick(request.body)) this.#commits.answerQuickWrite(result, respond);
    else this.#commits.answerWrite(result, respond, touched);
  }

  #run(request: Request): Uint8Array | Promise<Uint8Array> {
    const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
    if (!command) throw new MongoCommandError(59, `no such command: '${request.name}'`);
    const isEnd = request.name === 'commitTransaction' || request.name === 'abortTransaction';
    const identity = isEnd ? undefined : writeIdentity(request.body);
    const earlier = identity && this.#context.retryableWrites.earlierReply(identity);
    if (earlier) {
      this.#context.catalog.touched.everything();
      return earlier;
    }
    const reply = command(request, this.#context);
    if (reply instanceof Promise) return reply.then(encodeReply);
    const bytes = encodeReply(reply);
    if (identity) this.#context.retryableWrites.remember(identity, bytes);
    return bytes;
  }

  async #whilePaused(work: () => Promise<void>): Promise<void> {
    const paused: { readonly request: Request; readonly respond: Respond }[] = [];
    this.#paused = paused;
    try {
      await work();
    } finally {
      this.#paused = undefined;
      for (const { request, respond } of paused) this.execute(request, respond);
    }
  }

  #takeEvents(): () => void {
    const events = this.#events;
    this.#events = [];
    return () => {
      this.#context.streams.publish(events);
    };
  }

  /** Forgets everything in memory: the next command reads what is on disk. */
  #recover(): void {
    this.#cache.clear();
    this.#context.catalog.reload();
    this.#context.retryableWrites.reload();
  }

  #keepHouse(): void {
    if (this.#paused) return;
    this.#upkeep.tick();
    this.#context.cursors.closeIdle();
    this.#context.retryableWrites.forgetOld();
    this.#expire();
    this.#context.catalog.closeIdle(IDLE_ROUNDS, this.options.now());
    if (this.#records.hasPending) this.#commits.schedule();
  }

  #expire(): void {
    const now = this.options.now();
    for (const collection of this.#context.catalog.expiring(now, MAX_READ)) {
      expireDocuments(collection, now, MAX_EXPIRED);
    }
  }

  /** Commits what waits, answers it and closes the files. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#context.cursors.closeAll();
    this.#context.streams.closeAll();
    await this.#upkeep.close();
    await this.#commits.close();
    await this.#records.close();
  }
}
