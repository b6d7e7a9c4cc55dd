import { Timestamp } from 'bson';
import { randomBytes } from 'node:crypto';
import { RawDocuments } from '../bson/reply.js';
import { encodeKey } from '../bson/key-string.js';
import { asDoc, decodeTyped, encodeResult, isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { compilePipeline, runPipeline, type Stage } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import type { Change } from '../storage/collection.js';
import type { CursorSource } from './cursors.js';

/** Events kept so that a stream that lost its connection can go on where it was. */
const HISTORY_EVENTS = 2_000;
const HISTORY_BYTES = 16 * 1024 * 1024;

/** What happened, in the order of commits. */
export type StoreEvent =
  | { readonly type: 'change'; readonly change: Change }
  | { readonly type: 'drop'; readonly database: string; readonly collection: string }
  | {
      readonly type: 'rename';
      readonly database: string;
      readonly collection: string;
      readonly to: { readonly database: string; readonly collection: string };
      readonly hasDropped: boolean;
    }
  | { readonly type: 'dropDatabase'; readonly database: string };

interface NumberedEvent {
  readonly sequence: number;
  readonly at: Date;
  readonly event: StoreEvent;
}

export interface StreamOptions {
  readonly database: string;
  /** Undefined: the whole database. */
  readonly collection: string | undefined;
  /** True: every database. */
  readonly isClusterWide: boolean;
  readonly fullDocument: string;
  readonly pipeline: readonly unknown[];
  readonly resumeAfter: string | undefined;
}

/** Hands committed changes to open change streams. */
export class ChangeStreams {
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #streams = new Set<ChangeStream>();
  #history: NumberedEvent[] = [];
  #historyBytes = 0;
  #sequence = 0;

  constructor(private readonly now: () => Date) {}

  /** The place after everything that has happened. */
  get token(): string {
    return this.tokenOf(this.#sequence);
  }

  tokenOf(sequence: number): string {
    return `${this.#epoch}${sequence.toString(16).padStart(16, '0')}`;
  }

  publish(events: readonly StoreEvent[]): void {
    const at = this.now();
    for (const event of events) {
      this.#sequence += 1;
      const numbered = { sequence: this.#sequence, at, event };
      this.#remember(numbered);
      for (const stream of this.#streams) stream.offer(numbered);
    }
    if (events.length > 0) for (const stream of this.#streams) stream.wake();
  }

  #remember(event: NumberedEvent): void {
    this.#history.push(event);
    this.#historyBytes += eventBytes(event.event);
    if (this.#history.length <= HISTORY_EVENTS && this.#historyBytes <= HISTORY_BYTES) return;
    // Half at once, so that forgetting is rare.
    const gone = this.#history.splice(0, Math.ceil(this.#history.length / 2));
    for (const { event: old } of gone) this.#historyBytes -= eventBytes(old);
  }

  /** @throws MongoCommandError 286 when the place to go on from is no longer known. */
  open(options: StreamOptions): ChangeStream {
    const stream = new ChangeStream(options, this, () => this.#streams.delete(stream));
    if (options.resumeAfter !== undefined) {
      const from = this.#sequenceOf(options.resumeAfter);
      for (const event of this.#history) if (event.sequence > from) stream.offer(event);
    }
    this.#streams.add(stream);
    return stream;
  }

  #sequenceOf(token: string): number {
    const sequence = Number.parseInt(token.slice(this.#epoch.length), 16);
    const oldest = this.#history[0]?.sequence ?? this.#sequence + 1;
    if (!token.startsWith(this.#epoch) || !(sequence >= oldest - 1)) {
      throw new MongoCommandError(
        286,
        'Resume of change stream was not possible, as the resume point may no longer be in the history.',
      );
    }
    return sequence;
  }

  closeAll(): void {
    for (const stream of this.#streams) stream.close();
  }
}

const eventBytes = (event: StoreEvent): number =>
  event.type === 'change'
    ? (event.change.after?.bytes.length ?? 0) + (event.change.before?.bytes.length ?? 0)
    : 0;

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
    // An invalid pipeline is refused when the stream is opened, not when something is written.
    checkStreamPipeline(options.pipeline);
    this.#pipeline = compilePipeline(options.pipeline, STAGES);
  }

  offer({ sequence, at, event }: NumberedEvent): void {
    if (this.isDone || this.#failure) return;
    this.#lastToken = this.streams.tokenOf(sequence);
    if (!this.#concerns(event)) return;
    const head = { _id: { _data: this.#lastToken }, clusterTime: clusterTime(at, sequence), wallTime: at };
    try {
      this.#add({ ...head, ...eventFields(event, this.options.fullDocument) });
      if (event.type !== 'change' && this.options.collection !== undefined) {
        this.#add({ ...head, operationType: 'invalidate' });
        this.isDone = true;
      }
    } catch (error) {
      this.#failure = toMongoError(error);
    }
  }

  #concerns(event: StoreEvent): boolean {
    const database = event.type === 'change' ? event.change.collection.database : event.database;
    if (this.options.isClusterWide) return true;
    if (database !== this.options.database) return false;
    if (this.options.collection === undefined || event.type === 'dropDatabase') return true;
    const collection = event.type === 'change' ? event.change.collection.name : event.collection;
    return collection === this.options.collection;
  }

  #add(event: Doc): void {
    for (const result of runPipeline(this.#pipeline, [event], new Date())) {
      if (!isDoc(result._id) || result._id._data === undefined) {
        throw new MongoCommandError(
          280,
          'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point.',
        );
      }
      this.#ready.push(encodeResult(result));
    }
  }

  wake(): void {
    if (this.#ready.length > 0 || this.isDone || this.#failure) this.#wake?.();
  }

  take(count: number | undefined): Uint8Array[] {
    if (this.#failure) throw this.#failure;
    return this.#ready.splice(0, count ?? this.#ready.length);
  }

  /** Waits until there is an event, the stream is closed or `waitMs` have passed. */
  async batch(count: number | undefined, waitMs: number): Promise<Doc> {
    if (this.#ready.length === 0 && !this.isDone && !this.#failure) await this.#wait(waitMs);
    const nextBatch = new RawDocuments(this.take(count));
    return { nextBatch, postBatchResumeToken: this.resumeToken() };
  }

  /** The place to go on from: after the last event that was looked at, when none is waiting. */
  resumeToken(): Doc {
    const [next] = this.#ready;
    const id = next ? decodeTyped(next)._id : undefined;
    return this.#ready.length === 0 || !isDoc(id)
      ? { _data: this.#lastToken }
      : { _data: previous(String(id._data)) };
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

function previous(token: string): string {
  const sequence = Number.parseInt(token.slice(16), 16);
  return `${token.slice(0, 16)}${(sequence - 1).toString(16).padStart(16, '0')}`;
}

const clusterTime = (at: Date, sequence: number): Timestamp =>
  new Timestamp({ t: Math.floor(at.getTime() / 1000), i: sequence >>> 0 });

/** Stages a change stream may have (the manual's page on change streams). */
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

/** @throws MongoCommandError 20 for a stage that a change stream may not have. */
function checkStreamPipeline(pipeline: readonly unknown[]): void {
  for (const stage of pipeline) {
    const name = isDoc(stage) ? (Object.keys(stage)[0] ?? '') : '';
    if (Object.hasOwn(STAGES, name) && !STREAM_STAGES.has(name)) {
      throw new MongoCommandError(20, `${name} is not permitted in a $changeStream pipeline`);
    }
  }
}

function eventFields(event: StoreEvent, fullDocument: string): Doc {
  if (event.type === 'drop') {
    return { operationType: 'drop', ns: { db: event.database, coll: event.collection } };
  }
  if (event.type === 'rename') {
    return {
      operationType: 'rename',
      ns: { db: event.database, coll: event.collection },
      to: { db: event.to.database, coll: event.to.collection },
    };
  }
  if (event.type === 'dropDatabase') return { operationType: 'dropDatabase', ns: { db: event.database } };
  const { collection, type, before, after } = event.change;
  const out: Doc = { operationType: type, ns: { db: collection.database, coll: collection.name } };
  const document = after && decodeTyped(after.bytes);
  const old = before && decodeTyped(before.bytes);
  if (document && (type !== 'update' || fullDocument !== 'default')) out.fullDocument = document;
  out.documentKey = { _id: (document ?? old)?._id };
  if (type === 'update' && document && old) out.updateDescription = describeUpdate(old, document);
  return out;
}

function describeUpdate(before: Doc, after: Doc): Doc {
  const updatedFields: Doc = {};
  const removedFields: string[] = [];
  compare(before, after, '', updatedFields, removedFields);
  return { updatedFields, removedFields, truncatedArrays: [] };
}

function compare(before: Doc, after: Doc, prefix: string, updated: Doc, removed: string[]): void {
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) removed.push(prefix + name);
  for (const [name, value] of Object.entries(after)) {
    const [old, now] = [asDoc(before[name]), asDoc(value)];
    if (old && now) compare(old, now, `${prefix}${name}.`, updated, removed);
    else if (!Object.hasOwn(before, name) || encodeKey(before[name]) !== encodeKey(value))
      updated[prefix + name] = value;
  }
}
