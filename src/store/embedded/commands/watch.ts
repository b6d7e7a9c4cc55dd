import { RawDocuments } from '../bson/reply.js';
import { Long, Timestamp } from 'bson';
import { isDoc, isTrue, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { CommandContext } from '../server/context.js';
import { isInvalidation } from '../server/resume-token.js';
import { textOr } from './arguments.js';
import type { Request } from '../server/wire.js';

const FULL_DOCUMENT = new Set(['default', 'updateLookup', 'whenAvailable', 'required']);
const BEFORE_CHANGE = new Set(['off', 'whenAvailable', 'required']);

/** The drivers' `watch()`: an aggregation whose first stage is `$changeStream`. */
export function openChangeStream(
  request: Request,
  context: CommandContext,
  pipeline: readonly unknown[],
): Doc {
  const { aggregate } = request.body;
  const [first] = pipeline;
  const options = isDoc(first) && isDoc(first.$changeStream) ? first.$changeStream : {};
  checkOptions(options);
  const fullDocument = textOr(options.fullDocument, 'default');
  const fullDocumentBeforeChange = textOr(options.fullDocumentBeforeChange, 'off');
  if (!FULL_DOCUMENT.has(fullDocument)) throw unknown('fullDocument', fullDocument);
  if (!BEFORE_CHANGE.has(fullDocumentBeforeChange))
    throw unknown('fullDocumentBeforeChange', fullDocumentBeforeChange);
  const collection = typeof aggregate === 'string' ? aggregate : undefined;
  const { resumeAfter, startAfter } = options;
  const token = resumeAfter ?? startAfter;
  const startAt = options.startAtOperationTime;
  if (token !== undefined && startAt !== undefined) {
    throw new MongoCommandError(40674, 'Only one type of resume option is allowed, but multiple were found.');
  }
  if (resumeAfter !== undefined && startAfter !== undefined)
    throw new MongoCommandError(50865, "Do not specify both 'resumeAfter' and 'startAfter'");
  if (resumeAfter !== undefined && isInvalidation(tokenOf(resumeAfter))) {
    throw new MongoCommandError(
      260,
      "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.",
    );
  }
  const isAll = isTrue(options.allChangesForCluster);
  const stream = context.streams.open({
    database: isAll ? undefined : request.database,
    collection: isAll ? undefined : collection,
    fullDocument,
    fullDocumentBeforeChange,
    pipeline: pipeline.slice(1),
    resumeAfter: token === undefined ? undefined : tokenOf(token),
    startAt: startAt instanceof Timestamp ? startAt : undefined,
  });
  const namespace = `${request.database}.${collection ?? '$cmd.aggregate'}`;
  const firstBatch = new RawDocuments(stream.take(undefined));
  const postBatchResumeToken = stream.resumeToken();
  const id = Long.fromBigInt(context.cursors.add({ namespace, body: request.body }, stream));
  return { cursor: { firstBatch, id, ns: namespace, postBatchResumeToken }, ok: 1 };
}

const OPTIONS = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
  'showExpandedEvents',
]);

/** Throws `MongoCommandError` 40415 for an unknown option, 115 for an unsupported one. */
function checkOptions(options: Doc): void {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name))
      throw new MongoCommandError(40415, `BSON field '$changeStream.${name}' is an unknown field.`);
  }
  if (isTrue(options.showExpandedEvents))
    throw new MongoCommandError(115, "'showExpandedEvents' is not supported by the embedded store");
}

/** Throws `MongoCommandError` 40647 or 9 for what cannot be the token of any server. */
function tokenOf(token: unknown): string {
  const data = isDoc(token) ? token._data : undefined;
  if (typeof data !== 'string')
    throw new MongoCommandError(40647, "Bad resume token: '_data' is missing or of the wrong type");
  if (!/^(?:[0-9a-f]{2})+$/i.test(data))
    throw new MongoCommandError(9, 'resume token string was not a valid hex string');
  return data;
}

const unknown = (name: string, value: string): MongoCommandError =>
  new MongoCommandError(
    2,
    `Enumeration value '${value}' for field '$changeStream.${name}' is not a valid value.`,
  );
