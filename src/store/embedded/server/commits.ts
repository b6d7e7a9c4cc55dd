import { encodeReply } from '../bson/reply.js';
import { toMongoError } from '../errors.js';
import type { RecordStore } from '../storage/record-store.js';
import { errorReply } from './wire.js';

/** Writes that need not be on disk when they are answered are synced after this, milliseconds. */
const QUICK_SYNC_MS = 10;

/** Gives the encoded reply; called exactly once. */
export type Respond = (reply: Uint8Array) => void;

/** Namespaces a command looked at or wrote to; `all` when that can not be told. */
export interface Touched {
  readonly namespaces: ReadonlySet<string>;
  readonly all: boolean;
}

interface Waiting {
  /** Number of the commit that has to be on disk. */
  readonly commit: number;
  readonly reply: Uint8Array;
  readonly respond: Respond;
}

export interface CommitsOptions {
  readonly records: RecordStore;
  /** Before a commit begins: what is told to change streams when it is done. */
  takeEvents(): () => void;
  /** After a failed commit: brings memory back to what is on disk. */
  recover(): void;
  /** After the waiting commands were answered: the files have to be opened anew. */
  readonly onBroken: ((reason: Error) => void) | undefined;
}

/**
 * Commits one after the other, each with everything written before it began, and which replies
 * wait for which: a write for its own, a read for the one that holds the newest write to what it
 * looked at. Nobody waits for the disk on behalf of another collection.
 */
export class Commits {
  /** Number of the commit that will hold what is written now. */
  #next = 1;
  /** Number of the newest commit that is on disk. */
  #durable = 0;
  /** Which commit holds the newest write to a namespace that somebody waits for. */
  readonly #changed = new Map<string, number>();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #quickSync: NodeJS.Timeout | undefined;
  #isHeld = false;

  constructor(private readonly options: CommitsOptions) {}

  /** A command wrote and goes on: who reads that waits for the disk. */
  noteWrite({ namespaces }: Touched): void {
    for (const namespace of namespaces) this.#changed.set(namespace, this.#next);
  }

  /** Answers a write once it is on disk. */
  answerWrite(reply: Uint8Array, respond: Respond, touched: Touched): void {
    this.noteWrite(touched);
    this.#waiting.push({ commit: this.#next, reply, respond });
    this.schedule();
  }

  /** Answers a write that need not be on disk; it is soon. */
  answerQuickWrite(reply: Uint8Array, respond: Respond): void {
    respond(reply);
    this.#syncSoon();
  }

  /** Answers what wrote nothing once what it may show is on disk. */
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

  /** Everything that arrives in this turn of the event loop, or while a commit runs, shares the next one. */
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

  /** Brings what is written to the disk. */
  async flush(): Promise<void> {
    await this.#running;
    this.#begin();
    await this.#running;
  }

  /** Waits for the commit under way; the next one begins when the returned function is called. */
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

  /** Also what waits for the next commit: it may be built on what is lost. */
  #failAll(error: unknown): void {
    const reply = encodeReply(errorReply(toMongoError(error)));
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#changed.clear();
    for (const { respond } of waiting) respond(reply);
  }

  /** Commits what waits and answers it. */
  async close(): Promise<void> {
    await this.#running;
    this.#begin();
    await this.#running;
    clearImmediate(this.#scheduled);
    clearTimeout(this.#quickSync);
  }
}
