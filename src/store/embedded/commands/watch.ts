import { RawDocuments } from '../bson/reply.js';
import { Long } from 'bson';
import { isDoc, isTrue, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { CommandContext } from '../server/context.js';
import { textOr } from './arguments.js';
import type { Request } from '../server/wire.js';

const KNOWN_FULL_DOCUMENT = new Set(['default', 'updateLookup', 'whenAvailable']);

/** `watch()` of the drivers: an aggregation whose first stage is `$changeStream`. */
export function openChangeStream(
  request: Request,
  context: CommandContext,
  pipeline: readonly unknown[],
): Doc {
  const { aggregate } = request.body;
  const [first] = pipeline;
  const options = isDoc(first) && isDoc(first.$changeStream) ? first.$changeStream : {};
  const fullDocument = textOr(options.fullDocument, 'default');
  if (!KNOWN_FULL_DOCUMENT.has(fullDocument) || textOr(options.fullDocumentBeforeChange, 'off') !== 'off') {
    throw new MongoCommandError(
      115,
      'pre- and post-images of change streams are not supported by the embedded store',
    );
  }
  const collection = typeof aggregate === 'string' ? aggregate : undefined;
  const token = options.resumeAfter ?? options.startAfter;
  const stream = context.streams.open({
    database: request.database,
    collection,
    isClusterWide: isTrue(options.allChangesForCluster),
    fullDocument,
    pipeline: pipeline.slice(1),
    resumeAfter: isDoc(token) ? String(token._data) : undefined,
  });
  const namespace = `${request.database}.${collection ?? '$cmd.aggregate'}`;
  const firstBatch = new RawDocuments(stream.take(undefined));
  const postBatchResumeToken = stream.resumeToken();
  const id = Long.fromBigInt(context.cursors.add(namespace, stream));
  return { cursor: { firstBatch, id, ns: namespace, postBatchResumeToken }, ok: 1 };
}
