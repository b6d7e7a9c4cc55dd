import { decodePlain, type Doc } from '../bson/values.js';

/** A stored document, decoded on first access to its fields. */
export class StoredDocument {
  #view: Doc | undefined;

  constructor(
    readonly rid: number,
    readonly bytes: Uint8Array,
    view?: Doc,
    /** Called with its size when it is decoded, which takes memory. */
    private readonly onDecoded?: (bytes: number) => void,
  ) {
    this.#view = view;
  }

  get isDecoded(): boolean {
    return this.#view !== undefined;
  }

  /** The document as decoded by `decodePlain`; shared, so it must not be changed. */
  get view(): Doc {
    if (!this.#view) {
      this.#view = decodePlain(this.bytes);
      this.onDecoded?.(this.bytes.length);
    }
    return this.#view;
  }
}

/** Estimated size of a document with its decoded fields, as a multiple of its BSON size. */
const DECODED_FACTOR = 6;
const FIXED_BYTES = 200;

/**
 * Recently used documents, within a budget in bytes. There are two generations: when the young one
 * fills half of the budget, it replaces the old one.
 */
export class DocumentCache {
  #young = new Map<number, StoredDocument>();
  #old = new Map<number, StoredDocument>();
  #youngBytes = 0;

  constructor(private readonly budgetBytes: number) {}

  get(place: number): StoredDocument | undefined {
    const young = this.#young.get(place);
    if (young) return young;
    const old = this.#old.get(place);
    if (old) this.set(place, old);
    return old;
  }

  set(place: number, document: StoredDocument): void {
    const bytes = document.bytes.length;
    const size = bytes * (document.isDecoded ? DECODED_FACTOR : 1) + FIXED_BYTES;
    if (bytes * DECODED_FACTOR > this.budgetBytes / 8) {
      this.delete(place);
      return;
    }
    this.#young.set(place, document);
    this.#grow(size);
  }

  /** A document from here has been decoded. */
  readonly noteDecoded = (bytes: number): void => {
    this.#grow(bytes * (DECODED_FACTOR - 1));
  };

  #grow(bytes: number): void {
    this.#youngBytes += bytes;
    if (this.#youngBytes * 2 <= this.budgetBytes) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  delete(place: number): void {
    this.#young.delete(place);
    this.#old.delete(place);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngBytes = 0;
  }
}
