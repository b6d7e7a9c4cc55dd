import { Long } from 'bson';
import { encodeResult, isDoc, type Doc } from './values.js';

/** Stored documents that go into a reply as their raw bytes. */
export class RawDocuments {
  constructor(readonly documents: readonly Uint8Array[]) {}
}

/** One such document. */
export class RawDocument {
  constructor(readonly bytes: Uint8Array) {}
}

/** The BSON element types (bsonspec.org) that most replies consist of. */
const TYPE = {
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  boolean: 8,
  null: 10,
  int32: 16,
  int64: 18,
} as const;

/** Room for the fields around the documents; the buffer grows if it is not enough. */
const FRAME_BYTES = 256;
/** Most bytes that precede a document in an array: its type and its index as text. */
const ELEMENT_BYTES = 12;

/** Encodes a reply in one pass over one buffer; stored documents are copied without being decoded. */
export function encodeReply(reply: Doc): Buffer {
  const writer = new ReplyWriter(FRAME_BYTES + rawBytes(reply));
  writer.document(reply);
  return writer.finish();
}

function rawBytes(value: unknown): number {
  if (value instanceof RawDocument) return value.bytes.length + ELEMENT_BYTES;
  if (value instanceof RawDocuments) {
    return value.documents.reduce((sum, { length }) => sum + length + ELEMENT_BYTES, 0);
  }
  if (!isDoc(value)) return 0;
  let sum = 0;
  for (const name of Object.keys(value)) sum += rawBytes(value[name]);
  return sum;
}

class ReplyWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(bytes);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  document(fields: Doc): void {
    const start = this.#open();
    for (const name of Object.keys(fields)) this.#element(name, fields[name]);
    this.#close(start);
  }

  #open(): number {
    this.#reserve(5);
    this.#at += 4;
    return this.#at - 4;
  }

  #close(start: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = 0;
    this.#buffer.writeInt32LE(this.#at - start, start);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #element(name: string, value: unknown): void {
    if (value === undefined) return;
    if (value === null) this.#head(TYPE.null, name);
    else if (typeof value === 'string') this.#string(name, value);
    else if (typeof value === 'number') this.#number(name, value);
    else if (typeof value === 'boolean') this.#boolean(name, value);
    else if (value instanceof RawDocuments) this.#documents(name, value.documents);
    else if (value instanceof RawDocument) this.#raw(name, value.bytes);
    else if (Object.getPrototypeOf(value) === Long.prototype) this.#int64(name, value as Long);
    else if (isDoc(value)) {
      this.#head(TYPE.document, name);
      this.document(value);
    } else this.#other(name, value);
  }

  #head(type: number, name: string): void {
    this.#reserve(2 + name.length * 3);
    this.#buffer[this.#at++] = type;
    this.#at += this.#buffer.write(name, this.#at);
    this.#buffer[this.#at++] = 0;
  }

  #string(name: string, value: string): void {
    this.#head(TYPE.string, name);
    this.#reserve(5 + value.length * 3);
    const bytes = this.#buffer.write(value, this.#at + 4);
    this.#buffer.writeInt32LE(bytes + 1, this.#at);
    this.#at += 4 + bytes;
    this.#buffer[this.#at++] = 0;
  }

  #number(name: string, value: number): void {
    const isInt32 = (value | 0) === value && !Object.is(value, -0);
    this.#head(isInt32 ? TYPE.int32 : TYPE.double, name);
    this.#reserve(8);
    this.#at = isInt32
      ? this.#buffer.writeInt32LE(value, this.#at)
      : this.#buffer.writeDoubleLE(value, this.#at);
  }

  #boolean(name: string, value: boolean): void {
    this.#head(TYPE.boolean, name);
    this.#reserve(1);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  #int64(name: string, value: Long): void {
    this.#head(TYPE.int64, name);
    this.#reserve(8);
    this.#at = this.#buffer.writeInt32LE(value.low, this.#at);
    this.#at = this.#buffer.writeInt32LE(value.high, this.#at);
  }

  #documents(name: string, documents: readonly Uint8Array[]): void {
    this.#head(TYPE.array, name);
    const start = this.#open();
    let index = 0;
    for (const bytes of documents) this.#raw(String(index++), bytes);
    this.#close(start);
  }

  #raw(name: string, bytes: Uint8Array): void {
    this.#head(TYPE.document, name);
    this.#bytes(bytes);
  }

  /** Dates, arrays and everything else, which only administrative replies contain. */
  #other(name: string, value: unknown): void {
    const encoded = encodeResult({ [name]: value });
    this.#bytes(encoded.subarray(4, encoded.length - 1));
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}
