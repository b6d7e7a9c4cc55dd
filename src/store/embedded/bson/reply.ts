import { encodeResult, isDoc, type Doc } from './values.js';

/** Documents that are put into a reply as the bytes they are stored as. */
export class RawDocuments {
  constructor(readonly documents: readonly Uint8Array[]) {}
}

/** One such document. */
export class RawDocument {
  constructor(readonly bytes: Uint8Array) {}
}

const TYPE = { document: 3, array: 4 } as const;
const END = Buffer.from([0]);

/** Encodes a reply; stored documents are copied into it without being decoded. */
export function encodeReply(reply: Doc): Buffer {
  return wrap(elements(reply));
}

function wrap(parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const size = Buffer.alloc(4);
  size.writeInt32LE(length, 0);
  return Buffer.concat([size, ...parts, END], length);
}

const hasRaw = (value: unknown): boolean =>
  value instanceof RawDocument ||
  value instanceof RawDocuments ||
  (isDoc(value) && Object.values(value).some(hasRaw));

function elements(reply: Doc): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let ordinary: Doc = {};
  const flush = (): void => {
    const bytes = encodeResult(ordinary);
    parts.push(bytes.subarray(4, bytes.length - 1));
    ordinary = {};
  };
  for (const [name, value] of Object.entries(reply)) {
    if (!hasRaw(value)) {
      ordinary[name] = value;
      continue;
    }
    flush();
    if (value instanceof RawDocument) parts.push(header(TYPE.document, name), value.bytes);
    else if (value instanceof RawDocuments) parts.push(header(TYPE.array, name), array(value.documents));
    else if (isDoc(value)) parts.push(header(TYPE.document, name), encodeReply(value));
  }
  flush();
  return parts;
}

const header = (type: number, name: string): Buffer =>
  Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`)]);

const array = (documents: readonly Uint8Array[]): Buffer =>
  wrap(documents.flatMap((document, index) => [header(TYPE.document, String(index)), document]));
