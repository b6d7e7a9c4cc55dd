import { encodeReply } from '../bson/reply.js';
import { decodeTyped, isDoc, toNumber, type Doc } from '../bson/values.js';
import { InterruptionError, toMongoError } from '../errors.js';
import { UNFINISHED } from '../storage/catalog.js';
import { TouchedNamespaces } from '../storage/touched-namespaces.js';
import type { Work } from '../work.js';
import { DocumentCache } from '../storage/document-cache.js';
import { expireDocuments } from '../storage/expiry.js';
import { RecordStore } from '../storage/record-store.js';
import type { StoreEvent } from './change-streams.js';
import { ClusterClock } from './cluster-clock.js';
import { Commits, type Respond } from './commits.js';
import type { CommandContext } from './context.js';
import { labelsOf } from './error-labels.js';
import type { Failure } from './fail-points.js';
import { EventLog } from './event-log.js';
import { makeContext } from './make-context.js';
import { stopReason } from './operations.js';
import { CommandRunner } from './run-command.js';
import { Scheduler } from './scheduler.js';
import { ABSENCE_MS } from './transactions.js';
import { Upkeep, type BackupOptions } from './upkeep.js';
import { errorReply, type Request } from './wire.js';

/** Memory for decoded documents, in bytes (approximate; see `DocumentCache`). */
const CACHE_BYTES = 32 * 1024 * 1024;
/** How often to look for expired documents, idle cursors and old sessions, in ms. */
const HOUSEKEEPING_MS = 5_000;
/** A collection unused for this many rounds of housekeeping, ten minutes, is closed. */
const IDLE_ROUNDS = 120;
/** How many records of dropped collections are removed at a time. */
const MAX_DISCARDED = 500;
/** Default memory limit for open collections and their indexes, in bytes. */
const MEMORY_BYTES = 512 * 1024 * 1024;
/**
 * A long command's writes are committed in parts of this size; a single commit would block everybody else.
 */
const MAX_PENDING = 2_000;
const NOTHING = new Uint8Array();
/** Most documents of a collection deleted per round, so that commands get their turn. */
const MAX_EXPIRED = 1_000;
/** Most closed collections read per round to check for expired documents. */
const MAX_READ = 200;

export interface EngineOptions {
  /** Folder of the lmdb environment. */
  readonly path: string;
  /** Where clients reach the server; sent in the handshake. */
  readonly address: string;
  readonly now: () => Date;
  /** Receives reports of damage, as sentences. */
  readonly report?: (level: 'info' | 'error', sentence: string) => void;
  readonly backups?: BackupOptions | undefined;
  /** Memory limit for open collections and their indexes, in bytes. */
  readonly memoryBytes?: number | undefined;
  /** Lets clients make commands fail (`configureFailPoint`). */
  readonly hasTestCommands?: boolean | undefined;
  /** Called after the waiting commands were answered if the files must be reopened. */
  readonly onBroken?: (reason: Error) => void;
}

/** Whether the client waits only until the write is applied, not until it is on disk. */
function isQuick({ writeConcern }: Doc): boolean {
  return isDoc(writeConcern) && writeConcern.j === false && toNumber(writeConcern.w) === 1;
}

/**
 * Runs commands one after the other in memory and makes their writes durable together: a reply waits until
 * the commit that contains everything it could have seen is synced to disk.
 *
 * A write with the write concern `{w: 1, j: false}` is answered once it is applied and visible to everybody.
 * It is synced with the next commit, or after 10 ms if there is none; it is lost if there is a crash before
 * that or the disk rejects that commit.
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
  /** Commands that arrived while the files are being replaced. */
  #paused: { readonly request: Request; readonly respond: Respond }[] | undefined;
  /** Published to change streams once the commit that contains them is on disk. */
  #events: StoreEvent[] = [];

  /** Throws a `DamagedStoreError` if nothing of the folder's store can be read. */
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
    this.#context = makeContext({
      records,
      cache: this.#cache,
      clock: this.#clock,
      log: this.#log,
      address,
      now,
      hasTestCommands: options.hasTestCommands === true,
      announce: (event) => {
        this.#events.push(event);
      },
      compact: () => this.#upkeep.compact(),
    });
    this.#discardLeftovers();
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

  /** Runs a command. The reply may come later, after its writes are on disk or an event has arrived. */
  execute(request: Request, respond: Respond): void {
    if (this.#paused) {
      this.#paused.push({ request, respond });
      return;
    }
    const { failPoints, retryableWrites } = this.#context;
    const failure = failPoints?.take(request, retryableWrites.isDone(request.body));
    if (failure) void this.#fail(failure, request, respond);
    else this.#run(request, respond);
  }

  /** Applies the failure a test has configured for a command. */
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
    catalog.running.add(touched);
    const end = (reply: Uint8Array): void => {
      operations.end(operation);
      catalog.running.delete(touched);
      this.#answer(request, respond, reply, touched, hasWritten);
    };
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
      done: end,
      failed: (error) => {
        const labels = error instanceof InterruptionError ? labelsOf(error.code, request) : {};
        end(encodeReply({ ...errorReply(toMongoError(error)), ...labels }));
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

  /** The time fields of every reply. */
  replyTail(): Uint8Array {
    return this.#clock.replyTail();
  }

  /** A client has disconnected; its transactions end soon. */
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

  /** Discards everything in memory, so that the next command reads what is on disk. */
  #recover(): void {
    this.#scheduler.failAll(
      new InterruptionError(96, 'a commit failed, and what this command had read is no longer so'),
    );
    this.#events = [];
    this.#context.snapshots.forgetAll();
    this.#context.transactions.abortAll();
    this.#cache.clear();
    this.#context.catalog.reload();
    this.#discardLeftovers();
    this.#context.retryableWrites.reload();
    this.#log.reload();
  }

  /** Drops what `$out` was filling when its process or a commit ended. */
  #discardLeftovers(): void {
    if (this.#records.readOnlyReason === undefined) this.#context.catalog.discardLeftovers(UNFINISHED);
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
    this.#context.transactions.forgetOld();
    // Collections used by a transaction stay open.
    if (this.#context.transactions.size === 0) {
      catalog.closeIdle(IDLE_ROUNDS, this.options.now(), this.options.memoryBytes ?? MEMORY_BYTES);
    }
    if (!this.#isTidying) this.#tidy();
    if (this.#records.hasPending) this.#commits.schedule();
  }

  /** Deletes expired documents and the remains of dropped collections, in slices like commands. */
  #tidy(): void {
    this.#isTidying = true;
    const over = (): void => {
      this.#isTidying = false;
      this.#context.catalog.running.delete(touched);
      if (this.#records.hasPending) this.#commits.schedule();
    };
    const touched = new TouchedNamespaces();
    this.#context.catalog.running.add(touched);
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

  /** Commits everything pending, answers it and closes the files. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#scheduler.close(new InterruptionError(11600, 'interrupted at shutdown'));
    this.#context.cursors.closeAll();
    this.#context.streams.closeAll();
    await this.#upkeep.close();
    await this.#commits.close();
    await this.#records.close();
  }
}
