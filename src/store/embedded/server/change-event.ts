import { Binary, Long } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { decodePlain, decodeTyped, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { timestampOf } from './cluster-clock.js';
import type { LoggedEvent } from './event-log.js';
import type { WriteIdentity } from './retryable-writes.js';
import { describeUpdate } from './update-description.js';

/** How a stream wants documents shown. */
export interface ImageOptions {
  readonly fullDocument: string;
  readonly fullDocumentBeforeChange: string;
}

/** Events that end a stream on their collection. */
export const ENDING: ReadonlySet<string> = new Set(['drop', 'rename', 'dropDatabase']);

export const eventHead = ({ time, at }: LoggedEvent, token: string): Doc => ({
  _id: { _data: token },
  clusterTime: timestampOf(time),
  wallTime: at,
});

/** What update lookups find now, by `keyOf` the event; all changes since a moment are given. */
export function currentDocuments(events: readonly LoggedEvent[]): Map<string, Uint8Array | undefined> {
  const documents = new Map<string, Uint8Array | undefined>();
  const gone = new Set<string>();
  for (const event of [...events].reverse()) {
    const { database, collection, operation } = event;
    if (operation === 'dropDatabase') gone.add(database);
    else if (ENDING.has(operation)) gone.add(`${database}.${collection}`);
    else if (!documents.has(keyOf(event))) {
      const isGone = gone.has(database) || gone.has(`${database}.${collection}`);
      documents.set(keyOf(event), isGone ? undefined : event.after);
    }
  }
  return documents;
}

export function keyOf({ database, collection, before, after }: LoggedEvent): string {
  const bytes = after ?? before;
  return `${database}.${collection}\0${bytes ? encodeKey(decodePlain(bytes)._id) : ''}`;
}

export function eventFields(event: LoggedEvent, options: ImageOptions, current: Uint8Array | undefined): Doc {
  const { operation, database, collection, to, transaction } = event;
  const out: Doc = {
    operationType: operation,
    ...(transaction ? transactionFields(transaction) : {}),
    ns: { db: database, ...(collection === undefined ? {} : { coll: collection }) },
  };
  if (to) out.to = { db: to.database, coll: to.collection };
  const document = event.after && decodeTyped(event.after);
  const old = event.before && decodeTyped(event.before);
  if (!document && !old) return out;
  if (document && operation !== 'update') out.fullDocument = document;
  else if (operation === 'update' && options.fullDocument !== 'default')
    out.fullDocument =
      options.fullDocument === 'updateLookup'
        ? ((current && decodeTyped(current)) ?? null)
        : imageOf(options.fullDocument, document, event);
  out.documentKey = { _id: (document ?? old)?._id };
  if (operation === 'update' && document && old)
    out.updateDescription = describeUpdate(old, document, event.paths);
  if (operation !== 'insert' && options.fullDocumentBeforeChange !== 'off') {
    out.fullDocumentBeforeChange = imageOf(options.fullDocumentBeforeChange, old, event);
  }
  return out;
}

const transactionFields = ({ session, number }: WriteIdentity): Doc => ({
  lsid: { id: new Binary(Buffer.from(session, 'hex'), Binary.SUBTYPE_UUID) },
  txnNumber: Long.fromBigInt(number),
});

/** Throws `MongoCommandError` 47 if an image is required but was not kept. */
function imageOf(mode: string, document: Doc | undefined, { hasImages }: LoggedEvent): Doc | null {
  if (hasImages && document) return document;
  if (mode === 'required') {
    throw new MongoCommandError(
      47,
      'Change stream was configured to require an image of the document, but it was not found.',
    );
  }
  return null;
}
