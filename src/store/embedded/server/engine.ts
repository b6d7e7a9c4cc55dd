import { encodeReply } from '../bson/reply.js';
import { decodeTyped, isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { Catalog, TouchedNamespaces, UNFINISHED } from '../storage/catalog.js';
import type { Work } from '../work.js';
import { DocumentCache } from '../storage/document-cache.js';
import { expireDocuments } from '../storage/expiry.js';
import { KeptKeys } from '../storage/kept-keys.js';
import { RecordStore } from '../storage/record-store.js';
import { ChangeStreams, type StoreEvent } from './change-streams.js';
import { ClusterClock } from './cluster-clock.js';
import { Commits, type Respond } from './commits.js';
import type { CommandContext } from './context.js';
import { Cursors } from './cursors.js';
import { FailPoints, type Failure } from './fail-points.js';
import { EventLog } from './event-log.js';
import { interrupted, Operations, type Operation } from './operations.js';
import { RetryableWrites } from './retryable-writes.js';
import { CommandRunner } from './run-command.js';
import { Scheduler } from './scheduler.js';
import { ABSENCE_MS, Transactions } from './transactions.js';
import { Sessions } from './sessions.js';
import { Snapshots } from './snapshots.js';
import { Upkeep, type BackupOptions } from './upkeep.js';
import { errorReply, type Request } from './wire.js';

/** Decoded documents kept in memory, bytes (about; see `DocumentCache`). */
const CACHE_BYTES = 32 * 1024 * 1024;
/** How often expired documents, idle cursors and old sessions are looked for, milliseconds. */
const HOUSEKEEPING_MS = 5_000;
/** A collection in no command for so many rounds of housekeeping, ten minutes, is let go. */
const IDLE_ROUNDS = 120;
/** Records of dropped collections that are removed at once. */
const MAX_DISCARDED = 500;
/** What open collections and their indexes may take in memory when nothing else is said, bytes. */
const MEMORY_BYTES = 512 * 1024 * 1024;
/** A long command's writes go to the disk in parts: one commit of all would keep everybody waiting. */
const MAX_PENDING = 2_000;
const NOTHING = new Uint8Array();
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
  /** What open collections and their indexes may take in memory, bytes. */
  readonly memoryBytes?: number | undefined;
  /** Clients may make commands fail (`configureFailPoint`). */
  readonly hasTestCommands?: boolean | undefined;
  /** Told, after the waiting commands were answered, that the files have to be opened anew. */
  readonly onBroken?: (reason: Error) => void;
}

/** Whether the client waits for the write only until it is applied, not until it is on disk. */
function isQuick({ writeConcern }: Doc): boolean {
  return isDoc(writeConcern) && writeConcern.j === false && toNumber(writeConcern.w) === 1;
}

function stopReason({ request, isKilled }: Operation): MongoCommandError | undefined {
  if (isKilled) return interrupted();
  return request.connection?.isGone() === true
    ? new MongoCommandError(237, 'operation was interrupted because the client disconnected')
    : undefined;
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
  readonly #runner: CommandRunner;
  readonly #upkeep: Upkeep;
  readonly #clock: ClusterClock;
  readonly #log: EventLog;
  readonly #scheduler = new Scheduler<Uint8Array>();
  #isTidying = false;
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
    this.#clock = new ClusterClock(now);
    this.#log = new EventLog(records, now);
    this.#clock.atLeast(this.#log.newest);
    this.#clock.tick();
    const announce = (event: StoreEvent): void => {
      this.#events.push(event);
    };
    const catalog = new Catalog({
      records: this.#records,
      cache: this.#cache,
      keys: new KeptKeys(records),
      onChange: (change) => {
        this.#context.transactions.note(change);
        announce({ type: 'change', change });
      },
    });
    if (records.readOnlyReason === undefined) catalog.discardLeftovers(UNFINISHED);
    const transactions = new Transactions(catalog, now);
    this.#context = {
      catalog,
      data: catalog,
      transactions,
      snapshots: new Snapshots(transactions, this.#clock),
      sessions: new Sessions(now),
      operations: new Operations(now, address),
      cursors: new Cursors(now),
      streams: new ChangeStreams(this.#clock, this.#log, now),
      retryableWrites: new RetryableWrites(this.#records, now),
      failPoints: options.hasTestCommands ? new FailPoints() : undefined,
      address,
      now,
      announce,
      compact: () => this.#upkeep.compact(),
    };
    this.#runner = new CommandRunner(this.#context);
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
      settle: async () => {
        while (this.#context.catalog.removeDiscarded(MAX_DISCARDED)) await this.#commits.flush();
        await this.#commits.flush();
      },
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
    const failure = this.#context.failPoints?.take(request);
    if (failure) void this.#fail(failure, request, respond);
    else this.#run(request, respond);
  }

  /** Does to a command what a test wants to happen to it. */
  async #fail(failure: Failure, request: Request, respond: Respond): Promise<void> {
    if (failure.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, failure.waitMs));
    const { extra, error } = failure;
    if (failure.runsFirst === true)
      this.#run(request, () => {
        request.connection?.cut();
      });
    else if (failure.cutsConnection) request.connection?.cut();
    else if (error) respond(encodeReply(errorReply(error)));
    else if (extra)
      this.#run(request, (reply) => {
        respond(encodeReply({ ...decodeTyped(reply), ...extra }));
      });
    else this.#run(request, respond);
  }

  #run(request: Request, respond: Respond): void {
    const { catalog } = this.#context;
    const touched = new TouchedNamespaces();
    catalog.touched = touched;
    const before = this.#records.revision;
    let result: Uint8Array | Promise<Uint8Array> | Work<Uint8Array>;
    try {
      result = this.#runner.run(request);
    } catch (error) {
      result = encodeReply(errorReply(toMongoError(error)));
    }
    if (result instanceof Uint8Array) {
      this.#answer(request, respond, result, touched, this.#records.revision !== before);
    } else if (result instanceof Promise) {
      const fail = (error: unknown): Uint8Array => encodeReply(errorReply(toMongoError(error)));
      void result.catch(fail).then(respond);
    } else this.#schedule(request, respond, result, touched);
  }

  #schedule(request: Request, respond: Respond, work: Work<Uint8Array>, touched: TouchedNamespaces): void {
    const { catalog, operations } = this.#context;
    const operation = operations.begin(request);
    const limit = toNumber(request.body.maxTimeMS) ?? 0;
    let hasWritten = false;
    let revision = 0;
    this.#scheduler.start({
      work,
      deadline: limit > 0 && request.name !== 'getMore' ? performance.now() + limit : undefined,
      stopped: () => stopReason(operation),
      enter: () => {
        catalog.touched = touched;
        revision = this.#records.revision;
      },
      leave: () => {
        if (this.#records.revision !== revision) {
          hasWritten = true;
          if (!isQuick(request.body)) this.#commits.noteWrite(touched);
        }
        if (this.#records.pending > MAX_PENDING) this.#commits.schedule();
      },
      isHeldUp: () => this.#records.pending > MAX_PENDING * 2,
      done: (reply) => {
        operations.end(operation);
        this.#answer(request, respond, reply, touched, hasWritten);
      },
      failed: (error) => {
        operations.end(operation);
        const reply = encodeReply(errorReply(toMongoError(error)));
        this.#answer(request, respond, reply, touched, hasWritten);
      },
    });
  }

  #answer(
    request: Request,
    respond: Respond,
    reply: Uint8Array,
    touched: TouchedNamespaces,
    hasWritten: boolean,
  ): void {
    if (!hasWritten) this.#commits.answerRead(reply, respond, touched);
    else if (isQuick(request.body)) this.#commits.answerQuickWrite(reply, respond);
    else this.#commits.answerWrite(reply, respond, touched);
  }

  /** What every reply says of time. */
  replyTail(): Uint8Array {
    return this.#clock.replyTail();
  }

  /** A client is gone: so are soon the transactions that were its own. */
  disconnected(): void {
    const { transactions } = this.#context;
    if (transactions.size === 0) return;
    transactions.sweep();
    setTimeout(() => {
      transactions.sweep();
    }, ABSENCE_MS).unref();
  }

  async #whilePaused(work: () => Promise<void>): Promise<void> {
    const paused: { readonly request: Request; readonly respond: Respond }[] = [];
    this.#paused = paused;
    this.#scheduler.pause();
    try {
      await work();
    } finally {
      this.#paused = undefined;
      this.#scheduler.resume();
      for (const { request, respond } of paused) this.execute(request, respond);
    }
  }

  #takeEvents(): () => void {
    this.#context.retryableWrites.saveProgress();
    const events = this.#context.streams.prepare(this.#events);
    this.#events = [];
    return () => {
      this.#context.streams.publish(events);
    };
  }

  /** Forgets everything in memory: the next command reads what is on disk. */
  #recover(): void {
    this.#scheduler.failAll(
      new MongoCommandError(96, 'a commit failed, and what this command had read is no longer so'),
    );
    this.#events = [];
    this.#context.snapshots.forgetAll();
    this.#context.transactions.abortAll();
    this.#cache.clear();
    this.#context.catalog.reload();
    this.#context.retryableWrites.reload();
    this.#log.reload();
  }

  #keepHouse(): void {
    if (this.#paused) return;
    this.#upkeep.tick();
    this.#context.cursors.closeIdle();
    this.#log.tidy();
    this.#context.retryableWrites.forgetOld();
    this.#context.sessions.forgetOld();
    this.#context.snapshots.forgetOld();
    const { catalog } = this.#context;
    this.#context.transactions.sweep();
    // What a transaction looks at stays open.
    if (this.#context.transactions.size === 0) {
      catalog.closeIdle(IDLE_ROUNDS, this.options.now(), this.options.memoryBytes ?? MEMORY_BYTES);
    }
    if (!this.#isTidying) this.#tidy();
    if (this.#records.hasPending) this.#commits.schedule();
  }

  /** Deletes what expired and what dropped collections left; in slices, as commands are run. */
  #tidy(): void {
    this.#isTidying = true;
    const over = (): void => {
      this.#isTidying = false;
      if (this.#records.hasPending) this.#commits.schedule();
    };
    const touched = new TouchedNamespaces();
    this.#scheduler.start({
      work: this.#tidying(),
      deadline: undefined,
      stopped: () => undefined,
      enter: () => {
        this.#context.catalog.touched = touched;
      },
      leave: () => undefined,
      done: over,
      failed: over,
    });
  }

  *#tidying(): Work<Uint8Array> {
    const now = this.options.now();
    const { catalog } = this.#context;
    if (this.#records.readOnlyReason === undefined) {
      while (catalog.removeDiscarded(MAX_DISCARDED)) {
        this.#commits.schedule();
        yield;
      }
      yield* catalog.expiring(now, MAX_READ, (collection) => {
        expireDocuments(collection, now, MAX_EXPIRED);
      });
      yield* catalog.keepKeys(() => {
        this.#commits.schedule();
      });
    }
    return NOTHING;
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
