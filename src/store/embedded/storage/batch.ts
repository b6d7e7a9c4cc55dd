import type { Write } from '../file/environment.js';
import { seal } from '../file/seal.js';
import { documentKey, KIND, RID_LIMIT } from './record-keys.js';

const sealed = (key: Buffer, value: Uint8Array | null): Write => ({
  key,
  value: value === null ? null : seal(key, value),
});

/** Small records that are written along with deletions. */
const BESIDE_DELETIONS = new Set<number | undefined>([
  KIND.session,
  KIND.event,
  KIND.dropped,
  KIND.changed,
  KIND.writer,
]);

export interface Place {
  readonly collection: number;
  readonly rid: number;
}

/** Writes that become durable together; null means a removal. */
export class Batch {
  readonly documents = new Map<number, Uint8Array | null>();
  readonly namedRecords = new Map<string, { readonly key: Buffer; readonly value: Uint8Array | null }>();

  get size(): number {
    return this.documents.size + this.namedRecords.size;
  }

  /** Whether it contains only deletions and what they need. */
  onlyDeletes(): boolean {
    for (const value of this.documents.values()) if (value !== null) return false;
    for (const { key, value } of this.namedRecords.values())
      if (value !== null && !BESIDE_DELETIONS.has(key[0])) return false;
    return true;
  }

  *places(): Generator<Place> {
    for (const place of this.documents.keys())
      yield { collection: Math.floor(place / RID_LIMIT), rid: place % RID_LIMIT };
  }

  *writes(prepared: WeakMap<Uint8Array, Buffer>): Generator<Write> {
    for (const [place, value] of this.documents) {
      const key = documentKey(place);
      const ready = value ? prepared.get(value) : undefined;
      yield ready ? { key, value: ready } : sealed(key, value);
    }
    for (const { key, value } of this.namedRecords.values()) yield sealed(key, value);
  }

  *values(): Generator<Uint8Array | null> {
    yield* this.documents.values();
    for (const { value } of this.namedRecords.values()) yield value;
  }
}
