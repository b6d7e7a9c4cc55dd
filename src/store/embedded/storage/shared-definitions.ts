import { Binary } from 'bson';
import { randomUUID } from 'node:crypto';
import { decodeTyped, encode, isDoc, toNumber } from '../bson/values.js';
import type { CollectionRecord } from './collection.js';

/**
 * Stores identical index definitions and options only once, because every tenant has the same collections.
 * They are never modified, only replaced.
 */
export class SharedDefinitions {
  readonly #known = new Map<string, Pick<CollectionRecord, 'options' | 'indexes'>>();

  of({ id, uuid, options, indexes }: CollectionRecord): CollectionRecord {
    const name = encode({ options, indexes }).toString('latin1');
    const known = this.#known.get(name) ?? { options, indexes };
    this.#known.set(name, known);
    return { id, uuid, ...known };
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
