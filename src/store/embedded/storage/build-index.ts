import { MongoCommandError } from '../errors.js';
import { isPause, type Work } from '../work.js';
import type { Doc } from '../bson/values.js';
import type { Collection } from './collection.js';
import { SecondaryIndex } from './secondary-index.js';

/**
 * Builds an index while others read and write. Throws `MongoCommandError` 11000 for duplicates in a unique
 * index, 276 if the index or its collection is dropped in the meantime. An index whose build has ended early
 * leaves nothing behind.
 */
export function* buildIndex(collection: Collection, spec: Doc): Work<void> {
  if (collection.isDetached) throw buildAborted(collection);
  const index = new SecondaryIndex(spec);
  index.isReady = false;
  // As in MongoDB, documents that violate the constraint can be written until the build is nearly complete.
  index.isEnforced = false;
  collection.indexes.push(index);
  try {
    for (const [at, rid] of collection.rids().entries()) {
      const document = collection.has(rid) ? collection.get(rid) : undefined;
      if (document) index.add(index.keysOf(document.view), rid);
      if (isPause(at)) yield* pause(collection, index);
    }
    index.isEnforced = true;
    let checked = 0;
    for (const _entry of index.distinctEntries(collection.namespace)) {
      if (isPause(checked)) yield* pause(collection, index);
      checked += 1;
    }
    index.isReady = true;
  } finally {
    if (!index.isReady) collection.indexes = collection.indexes.filter((other) => other !== index);
  }
}

function* pause(collection: Collection, index: SecondaryIndex): Work<void> {
  yield;
  if (collection.isDetached || !collection.indexes.includes(index)) throw buildAborted(collection);
}

export const buildAborted = ({ namespace }: Collection): MongoCommandError =>
  new MongoCommandError(276, `Index build aborted: the index or its collection ${namespace} was dropped`);
