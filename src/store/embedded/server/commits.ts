import { encodeReply } from '../bson/reply.js';
import { toMongoError } from '../errors.js';
import type { RecordStore } from '../storage/record-store.js';
import { errorReply } from './wire.js';

/** Writes that need not be on disk when they are answered are synced after this, in ms. */
const QUICK_SYNC_MS = 10;

/** Sends the encoded reply; called exactly once. */
export type Respond = (reply: Uint8Array) => void;

/** Namespaces a command read or wrote; `all` if they cannot be determined. */
export interface Touched {
  readonly namespaces: ReadonlySet<string>;
  readonly all: boolean;
}

interface Waiting {
  /** Number of the commit that must be on disk first. */
  readonly commit: number;
  readonly reply: Uint8Array;
  readonly respond: Respond;
}

export interface CommitsOptions {
  readonly records: RecordStore;
  /**
   * Called before a commit begins; the returned function publishes its events to change streams once it is on
   * disk.
   */
  takeEvents(): () => void;
  /** Called after a failed commit: resets memory to what is on disk. */
  recover(): void;
  /** Called after the waiting commands were answered: the files must be reopened. */
  readonly onBroken: ((reason: Error) => void) | undefined;
}

/**
 * Runs one commit at a time, each with everything written before it began, and decides which replies wait for
 * which commit: a write for its own, a read for the newest write to what it looked at. No command waits for
 * the disk because of another collection.
 */
export class Commits {
  /** Number of the commit that will contain what is written now. */
  #next = 1;
  /** Number of the newest commit on disk. */
  #durable = 0;
  /** The commit containing the newest write to each namespace with unsynced writes. */
  readonly #changed = new Map<string, number>();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #quickSync: NodeJS.Timeout | undefined;
  #isHeld = false;

  constructor(private readonly options: CommitsOptions) {}

  /** Records a write of a command that is still running, so that later reads of it wait for the disk. */
  noteWrite({ namespaces }: Touched): void {
    for (const namespace of namespaces) this.#changed.set(namespace, this.#next);
  }

  /** Answers a write once it is on disk. */
  answerWrite(reply: Uint8Array, respond: Respond, touched: Touched): void {
    this.noteWrite(touched);
    this.#waiting.push({ commit: this.#next, reply, respond });
    this.schedule();
  }

  /** Answers a write that does not have to be on disk yet; it is synced shortly afterwards. */
  answerQuickWrite(reply: Uint8Array, respond: Respond): void {
    respond(reply);
    this.#syncSoon();
  }

  /** Answers a command that wrote nothing, once everything its reply may show is on disk. */
  answerRead(reply: Uint8Array, respond: Respond, touched: Touched): void {
    const commit = this.#newestChange(touched);
    if (commit <= this.#durable) respond(reply);
    else {
      this.#waiting.push({ commit, reply, respond });
      this.schedule();
    }
  }

  #newestChange({ namespaces, all }: Touched): number {
    if (this.#changed.size === 0) return 0;
    let newest = 0;
    if (all) for (const commit of this.#changed.values()) newest = Math.max(newest, commit);
    else for (const name of namespaces) newest = Math.max(newest, this.#changed.get(name) ?? 0);
    return newest;
  }

  /**
   * Everything that arrives in this turn of the event loop, or while a commit is running, shares the next
   * commit.
   */
  schedule(): void {
    if (this.#running) return;
    this.#scheduled ??= setImmediate(() => this.#begin());
  }

  #syncSoon(): void {
    this.#quickSync ??= setTimeout(() => {
      this.#quickSync = undefined;
      this.#begin();
    }, QUICK_SYNC_MS);
  }

  /** Writes everything pending to disk. */
  async flush(): Promise<void> {
    await this.#running;
    this.#begin();
    await this.#running;
  }

  /** Waits for the running commit; the next one begins once the returned function is called. */
  async hold(): Promise<() => void> {
    this.#isHeld = true;
    await this.#running;
    return () => {
      this.#isHeld = false;
      this.schedule();
    };
  }

  #begin(): void {
    clearImmediate(this.#scheduled);
    clearTimeout(this.#quickSync);
    this.#scheduled = undefined;
    this.#quickSync = undefined;
    if (this.#running || this.#isHeld) return;
    this.#running = this.#commit().finally(() => {
      this.#running = undefined;
      if (this.#isHeld) return;
      if (this.#waiting.length > 0) this.schedule();
      else if (this.options.records.hasPending) this.#syncSoon();
    });
  }

  async #commit(): Promise<void> {
    const { records, takeEvents, recover, onBroken } = this.options;
    const number = this.#next;
    this.#next += 1;
    const publish = takeEvents();
    try {
      await records.commit();
      this.#durable = number;
      publish();
      this.#answerUpTo(number);
    } catch (error) {
      recover();
      this.#failAll(error);
      if (records.isBroken) onBroken?.(toMongoError(error));
    }
  }

  #answerUpTo(number: number): void {
    for (const [namespace, commit] of this.#changed) if (commit <= number) this.#changed.delete(namespace);
    const ready = this.#waiting.filter(({ commit }) => commit <= number);
    this.#waiting = this.#waiting.filter(({ commit }) => commit > number);
    for (const { respond, reply } of ready) respond(reply);
  }

  /** Includes replies waiting for the next commit, which may depend on what was lost. */
  #failAll(error: unknown): void {
    const reply = encodeReply(errorReply(toMongoError(error)));
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#changed.clear();
    for (const { respond } of waiting) respond(reply);
  }

  /** Commits everything pending and answers the waiting commands. */
  async close(): Promise<void> {
    await this.#running;
    this.#begin();
    await this.#running;
    clearImmediate(this.#scheduled);
    clearTimeout(this.#quickSync);
  }
}
