import { Long } from 'bson';
import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { CommandContext } from '../server/context.js';
import type { Request } from '../server/wire.js';
import type { CollectionAccess } from '../storage/collection-access.js';

/**
 * The documents of a first stage that describes the collection or the server instead of reading; `undefined`
 * for any other first stage.
 */
export function describedCollection(
  stage: unknown,
  collection: CollectionAccess | undefined,
  { address, now, sessions, operations }: CommandContext,
  request: Request,
): Doc[] | undefined {
  const { database, body } = request;
  const name = typeof body.aggregate === 'string' ? body.aggregate : undefined;
  if (!isDoc(stage)) return undefined;
  if ('$currentOp' in stage) {
    if (name !== undefined || database !== 'admin')
      throw new MongoCommandError(
        73,
        "$currentOp must be run against the 'admin' database with {aggregate: 1}",
      );
    return operations.list(request);
  }
  if ('$listLocalSessions' in stage) {
    if (name !== undefined)
      throw new MongoCommandError(
        73,
        '$listLocalSessions must be run against the database with {aggregate: 1}',
      );
    return sessions.list();
  }
  if ('$indexStats' in stage) {
    return (collection?.indexes ?? []).map(({ name: index, spec }) => ({
      name: index,
      key: spec.key,
      host: address,
      accesses: { ops: Long.ZERO, since: now() },
      spec,
    }));
  }
  const { $collStats: statsSpec } = stage;
  if (statsSpec === undefined) return undefined;
  if (!collection) throw new MongoCommandError(26, `Collection [${database}.${name ?? ''}] not found.`);
  const out: Doc = { ns: collection.namespace, host: address, localTime: now() };
  const options = isDoc(statsSpec) ? statsSpec : {};
  if ('count' in options) out.count = collection.size;
  if ('storageStats' in options) out.storageStats = storageStats(collection);
  return [out];
}

export function storageStats(collection: CollectionAccess): Doc {
  const size = collection.rids().reduce((sum, rid) => sum + (collection.bytes(rid)?.length ?? 0), 0);
  const indexSizes = Object.fromEntries(collection.indexes.map(({ name, entries }) => [name, entries.bytes]));
  const totalIndexSize = Object.values(indexSizes).reduce((a, b) => a + b, 0);
  return {
    size,
    count: collection.size,
    avgObjSize: collection.size === 0 ? 0 : Math.floor(size / collection.size),
    storageSize: size,
    freeStorageSize: 0,
    capped: false,
    nindexes: collection.indexes.length,
    indexSizes,
    totalIndexSize,
    totalSize: size + totalIndexSize,
  };
}
