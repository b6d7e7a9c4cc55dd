import { Binary } from 'bson';
import { randomUUID } from 'node:crypto';
import { decodeTyped, encode, isDoc, toNumber } from '../bson/values.js';
import type { CollectionRecord } from './collection.js';

/**
 * Stores identical index definitions and options only once, because every tenant has the same collections.
 * They are never modified, only replaced.
 */
export class SharedDefinitions {
  readonly #definitions = new Map<string, Pick<CollectionRecord, 'options' | 'indexes'>>();

  share({ id, uuid, options, indexes }: CollectionRecord): CollectionRecord {
    const name = encode({ options, indexes }).toString('latin1');
    const shared = this.#definitions.get(name) ?? { options, indexes };
    this.#definitions.set(name, shared);
    return { id, uuid, ...shared };
  }
}

export function decodeRecord(value: Uint8Array): CollectionRecord {
  const { id, uuid, options, indexes } = decodeTyped(value);
  return {
    id: toNumber(id) ?? 0,
    uuid: uuid instanceof Binary ? uuid.toUUID().toHexString() : randomUUID(),
    options: isDoc(options) ? options : {},
    indexes: Array.isArray(indexes) ? indexes.filter(isDoc) : [],
  };
}
