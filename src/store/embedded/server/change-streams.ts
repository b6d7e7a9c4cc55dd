import type { Timestamp } from 'bson';
import { RawDocuments } from '../bson/reply.js';
import { decodeTyped, encodeResult, isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { compilePipeline, runPipeline, type Stage } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import type { Change } from '../storage/collection.js';
import { timeOf, type ClusterClock } from './cluster-clock.js';
import type { CursorSource } from './cursors.js';
import type { WriteIdentity } from './retryable-writes.js';
import { hex, type EventLog, type LoggedEvent, type Scope } from './event-log.js';
import {
  currentDocuments,
  ENDING,
  eventFields,
  eventHead,
  keyOf,
  type ImageOptions,
} from './change-event.js';
import { invalidationToken, isEventToken, positionToken, timeOfToken, tokenBefore } from './resume-token.js';

/** How many events to keep in memory, so that a stream that lost its connection can resume. */
const HISTORY_EVENTS = 2_000;
const HISTORY_BYTES = 16 * 1024 * 1024;

/** A committed change, in commit order. */
export type StoreEvent =
  | {
      readonly type: 'change';
      readonly change: Change;
      /** The transaction that made it. */
      readonly transaction: WriteIdentity | undefined;
    }
  | { readonly type: 'drop'; readonly database: string; readonly collection: string }
  | {
      readonly type: 'rename';
      readonly database: string;
      readonly collection: string;
      readonly to: { readonly database: string; readonly collection: string };
      readonly hasDropped: boolean;
    }
  | { readonly type: 'dropDatabase'; readonly database: string };

export interface StreamOptions extends Scope, ImageOptions {
  readonly pipeline: readonly unknown[];
  readonly resumeAfter: string | undefined;
  readonly startAt: Timestamp | undefined;
}

/** Delivers committed changes to open change streams. */
export class ChangeStreams {
  readonly #streams = new Set<ChangeStream>();
  #history: LoggedEvent[] = [];
  #historyBytes = 0;
  /** Every event after this time is in memory. */
  #knownSince: bigint;

  constructor(
    private readonly clock: ClusterClock,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {
    // No change has the time at which this server started.
    this.#knownSince = clock.latest - 1n;
  }

  /** The position after everything that has happened so far. */
  get token(): string {
    return positionToken(this.clock.latest);
  }

  /** Assigns each event its time and adds watched events to the commit being built. */
  prepare(events: readonly StoreEvent[]): readonly LoggedEvent[] {
    const at = this.now();
    return events.map((event) => {
      const logged = loggedEvent(event, this.clock.tick(), at);
      this.log.add(logged);
      return logged;
    });
  }

  /** Called after the commit. */
  publish(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      this.#remember(event);
      for (const stream of this.#streams) stream.offer(event, event.after);
    }
    if (events.length > 0) for (const stream of this.#streams) stream.wake();
  }

  #remember(event: LoggedEvent): void {
    this.#history.push(event);
    this.#historyBytes += eventBytes(event);
    if (this.#history.length <= HISTORY_EVENTS && this.#historyBytes <= HISTORY_BYTES) return;
    // Drops half at once, so that this happens rarely.
    const evictions = this.#history.splice(0, Math.ceil(this.#history.length / 2));
    for (const old of evictions) this.#historyBytes -= eventBytes(old);
    this.#knownSince = evictions.at(-1)?.time ?? this.#knownSince;
  }

  /** Throws `MongoCommandError` 286 if the resume point is no longer known. */
  open(options: StreamOptions): ChangeStream {
    const from = startOf(options);
    const stream = new ChangeStream(options, this, () => this.#streams.delete(stream));
    this.log.watch(options, this.clock.latest);
    if (from !== undefined) this.#replay(stream, from, options);
    this.#streams.add(stream);
    return stream;
  }

  #replay(stream: ChangeStream, from: bigint, options: StreamOptions): void {
    const events = this.#since(from, options);
    const last =
      options.resumeAfter !== undefined && isEventToken(options.resumeAfter)
        ? this.#eventAt(from)
        : undefined;
    if (last) stream.invalidateAfter(last);
    const current = options.fullDocument === 'updateLookup' ? currentDocuments(events) : undefined;
    for (const event of events) stream.offer(event, current ? current.get(keyOf(event)) : event.after);
  }

  #eventAt(time: bigint): LoggedEvent | undefined {
    const inMemory = this.#history.find((event) => event.time === time);
    if (inMemory) return inMemory;
    const [first] = this.log.after(time - 1n);
    return first?.time === time ? first : undefined;
  }

  #since(from: bigint, scope: Scope): LoggedEvent[] {
    if (from >= this.#knownSince) return this.#history.filter(({ time }) => time > from);
    const keptSince = this.log.keptSince(scope);
    if (keptSince === undefined || from < keptSince) {
      throw new MongoCommandError(
        286,
        'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
      );
    }
    const inMemory = this.#history.filter(({ time }) => time > from);
    const first = inMemory[0]?.time;
    const older = [...this.log.after(from)].filter(({ time }) => first === undefined || time < first);
    return [...older, ...inMemory];
  }

  /** Records that the stream is still being read, so that its events continue to be kept. */
  noteReading(scope: Scope): void {
    this.log.watch(scope, this.clock.latest);
  }

  closeAll(): void {
    for (const stream of this.#streams) stream.close();
  }
}

/** The time after which a stream begins; `undefined`: now. */
function startOf({ resumeAfter, startAt }: StreamOptions): bigint | undefined {
  if (startAt) return timeOf(startAt) - 1n;
  return resumeAfter === undefined ? undefined : timeOfToken(resumeAfter);
}

function loggedEvent(event: StoreEvent, time: bigint, at: Date): LoggedEvent {
  const base = {
    time,
    at,
    before: undefined,
    after: undefined,
    paths: undefined,
    hasImages: false,
    to: undefined,
    transaction: undefined,
  };
  if (event.type === 'change') {
    const { collection, type, before, after, paths } = event.change;
    const images = collection.options.changeStreamPreAndPostImages;
    return {
      ...base,
      operation: type,
      database: collection.database,
      collection: collection.name,
      before: before?.bytes,
      after: after?.bytes,
      paths,
      hasImages: isDoc(images) && images.enabled === true,
      transaction: event.transaction,
    };
  }
  if (event.type === 'dropDatabase')
    return { ...base, operation: event.type, database: event.database, collection: undefined };
  const { database, collection } = event;
  return {
    ...base,
    operation: event.type,
    database,
    collection,
    to: event.type === 'rename' ? event.to : undefined,
  };
}

const eventBytes = ({ before, after }: LoggedEvent): number => (before?.length ?? 0) + (after?.length ?? 0);

export class ChangeStream implements CursorSource {
  isDone = false;
  #ready: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #failure: MongoCommandError | undefined;
  #lastToken: string;
  readonly #pipeline: Stage;

  constructor(
    private readonly options: StreamOptions,
    private readonly streams: ChangeStreams,
    private readonly onClose: () => void,
  ) {
    this.#lastToken = options.resumeAfter ?? streams.token;
    // Rejects an invalid pipeline when the stream is opened, not at the first write.
    checkStreamPipeline(options.pipeline);
    this.#pipeline = compilePipeline(options.pipeline, STAGES);
  }

  /** `current`: the document that an update lookup finds. */
  offer(event: LoggedEvent, current: Uint8Array | undefined): void {
    if (this.isDone || this.#failure) return;
    const isShown = this.#concerns(event);
    this.#lastToken = isShown ? hex(event.time) : positionToken(event.time);
    if (!isShown) return;
    try {
      this.#add({ ...eventHead(event, this.#lastToken), ...eventFields(event, this.options, current) });
      this.invalidateAfter(event);
    } catch (error) {
      this.#failure = toMongoError(error);
    }
  }

  /** Ends a stream on a collection after an event that took the collection's name away. */
  invalidateAfter(event: LoggedEvent): void {
    const isEnd = ENDING.has(event.operation) && this.options.collection !== undefined;
    if (!isEnd || !this.#concerns(event)) return;
    this.#lastToken = invalidationToken(event.time);
    this.#add({ ...eventHead(event, this.#lastToken), operationType: 'invalidate' });
    this.isDone = true;
  }

  #concerns({ database, collection, operation, to }: LoggedEvent): boolean {
    const options = this.options;
    if (options.database === undefined) return true;
    const isTarget = to?.database === options.database && to.collection === options.collection;
    if (database !== options.database) return isTarget;
    if (options.collection === undefined || operation === 'dropDatabase') return true;
    return collection === options.collection || isTarget;
  }

  #add(event: Doc): void {
    for (const result of runPipeline(this.#pipeline, [event], new Date())) {
      if (!isDoc(result._id) || result._id._data === undefined) {
        throw new MongoCommandError(
          280,
          'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point.',
          { errorLabels: ['NonResumableChangeStreamError'] },
        );
      }
      this.#ready.push(encodeResult(result));
    }
  }

  wake(): void {
    if (this.#ready.length > 0 || this.isDone || this.#failure) this.#wake?.();
  }

  take(count: number | undefined): Uint8Array[] {
    this.streams.noteReading(this.options);
    if (this.#failure) throw this.#failure;
    return this.#ready.splice(0, count ?? this.#ready.length);
  }

  /** Waits until there is an event, the stream is closed or `waitMs` have passed. */
  async batch(count: number | undefined, waitMs: number): Promise<Doc> {
    if (this.#ready.length === 0 && !this.isDone && !this.#failure) await this.#wait(waitMs);
    const nextBatch = new RawDocuments(this.take(count));
    return { nextBatch, postBatchResumeToken: this.resumeToken() };
  }

  /** The position to resume from: before the next pending event, or else after the last event examined. */
  resumeToken(): Doc {
    const [next] = this.#ready;
    const id = next ? decodeTyped(next)._id : undefined;
    return this.#ready.length === 0 || !isDoc(id)
      ? { _data: this.#lastToken }
      : { _data: tokenBefore(String(id._data)) };
  }

  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, waitMs);
      this.#wake = finish;
    });
  }

  close(): void {
    this.isDone = true;
    this.#wake?.();
    this.onClose();
  }
}

/** Stages allowed in a change stream (the manual's page on change streams). */
const STREAM_STAGES = new Set([
  '$addFields',
  '$match',
  '$project',
  '$replaceRoot',
  '$replaceWith',
  '$redact',
  '$set',
  '$unset',
  '$changeStreamSplitLargeEvent',
]);

/** Throws `MongoCommandError` 20 for a stage that is not allowed in a change stream. */
function checkStreamPipeline(pipeline: readonly unknown[]): void {
  for (const stage of pipeline) {
    const name = isDoc(stage) ? (Object.keys(stage)[0] ?? '') : '';
    if (Object.hasOwn(STAGES, name) && !STREAM_STAGES.has(name)) {
      throw new MongoCommandError(20, `${name} is not permitted in a $changeStream pipeline`);
    }
  }
}
