import type { MongoCommandError } from '../errors.js';
import { decodePlain, decodeTyped, encode, isDoc, ownCopy, type Doc } from '../bson/values.js';

/** Length, request id, response-to and operation code: int32 each, little-endian. */
const HEADER_BYTES = 16;
/** MongoDB's own limit for a message. */
export const MAX_MESSAGE_BYTES = 48_000_000;

const OPERATION = { reply: 1, query: 2004, message: 2013 } as const;
const FLAG = { checksumPresent: 1, moreToCome: 2 } as const;
const REPLY_AWAIT_CAPABLE = 8;

/** A document as received, and decoded for filters. */
export interface WireDocument {
  readonly bytes: Uint8Array;
  readonly view: Doc;
}

/** The connection a request came from. */
export interface Connection {
  /** Whether the client has closed it. */
  isGone(): boolean;
  /** Closes it without a reply. */
  cut(): void;
  /** Where the client reaches the server, if not through the socket. */
  address?: string;
  /** The client's own name for itself. */
  appName?: string;
}

export interface Request {
  readonly id: number;
  /** A legacy operation gets a legacy reply. */
  readonly isLegacy: boolean;
  /** The client wants no reply (write concern 0). */
  readonly isSilent: boolean;
  readonly connection?: Connection;
  /** Name of the command: its first field. */
  readonly name: string;
  readonly database: string;
  /** The command, decoded with its number types. */
  readonly body: Doc;
  /** The documents of an insert. */
  readonly documents: readonly WireDocument[];
}

class WireError extends Error {}

/** Splits a byte stream into messages. Throws a `WireError` for an impossible length. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Buffer | undefined {
    if (this.#wanted === 0) {
      if (this.#bytes < HEADER_BYTES) return undefined;
      this.#wanted = this.#joined().readInt32LE(0);
      if (this.#wanted < HEADER_BYTES || this.#wanted > MAX_MESSAGE_BYTES) {
        throw new WireError(`a message of ${this.#wanted} bytes`);
      }
    }
    if (this.#bytes < this.#wanted) return undefined;
    const all = this.#joined();
    const frame = all.subarray(0, this.#wanted);
    const rest = all.subarray(this.#wanted);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#wanted = 0;
    return frame;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/** Throws a `WireError` for anything other than an OP_MSG or OP_QUERY command. */
export function parseRequest(frame: Buffer): Request {
  const id = frame.readInt32LE(4);
  const operation = frame.readInt32LE(12);
  try {
    if (operation === OPERATION.message) return parseMessage(frame, id);
    if (operation === OPERATION.query) return parseQuery(frame, id);
  } catch (error) {
    throw new WireError(`unreadable message: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new WireError(`operation ${operation} is not known`);
}

function parseMessage(frame: Buffer, id: number): Request {
  const flags = frame.readUInt32LE(HEADER_BYTES);
  const end = frame.length - (flags & FLAG.checksumPresent ? 4 : 0);
  let body: Doc | undefined;
  let documents: WireDocument[] | undefined;
  const sequences: Doc = {};
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = frame.readUInt8(at);
    const size = sizeAt(frame, at + 1, end);
    const section = frame.subarray(at + 1, at + 1 + size);
    if (kind === 0) body = decodeTyped(section);
    else if (kind === 1) {
      const { name, items } = parseSequence(section);
      if (name === 'documents') documents = items.map(wireDocument);
      else sequences[name] = items.map((item) => decodeTyped(item));
    } else throw new WireError(`section kind ${kind}`);
    at += 1 + size;
  }
  if (!body) throw new WireError('a message without a body');
  const command = Object.assign(body, sequences);
  documents ??= Array.isArray(body.documents) ? body.documents.filter(isDoc).map(reencoded) : [];
  const isSilent = (flags & FLAG.moreToCome) !== 0;
  return toRequest(id, command, typeof command.$db === 'string' ? command.$db : 'admin', {
    isLegacy: false,
    isSilent,
    documents,
  });
}

function toRequest(
  id: number,
  body: Doc,
  database: string,
  rest: Pick<Request, 'isLegacy' | 'isSilent' | 'documents'>,
): Request {
  return { id, name: Object.keys(body)[0] ?? '', database, body, ...rest };
}

function sizeAt(frame: Buffer, at: number, end: number): number {
  const size = frame.readInt32LE(at);
  if (size < 5 || at + size > end) throw new WireError(`a section of ${size} bytes`);
  return size;
}

function parseSequence(section: Buffer): { name: string; items: Buffer[] } {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new WireError('a sequence without a name');
  const items: Buffer[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = sizeAt(section, at, section.length);
    items.push(section.subarray(at, at + size));
    at += size;
  }
  return { name: section.toString('utf8', 4, nameEnd), items };
}

/** Copied, because otherwise even the smallest document would keep the message's whole buffer alive. */
function wireDocument(item: Buffer): WireDocument {
  return { bytes: ownCopy(item), view: decodePlain(item) };
}

function reencoded(document: Doc): WireDocument {
  const bytes = encode(document);
  return { bytes, view: decodePlain(bytes) };
}

/** OP_QUERY on `<database>.$cmd`, because drivers still open connections with a hello in this form. */
function parseQuery(frame: Buffer, id: number): Request {
  const start = HEADER_BYTES + 4;
  const nameEnd = frame.indexOf(0, start);
  const [database = 'admin', ...collection] = frame.toString('utf8', start, nameEnd).split('.');
  if (collection.join('.') !== '$cmd') throw new WireError('OP_QUERY is for commands only');
  const at = nameEnd + 1 + 8;
  const body = decodeTyped(frame.subarray(at, at + sizeAt(frame, at, frame.length)));
  return toRequest(id, body, database, { isLegacy: true, isSilent: false, documents: [] });
}

/** A command to which no reply is expected. */
export function frameSilent(command: Doc): Buffer {
  const document = encode(command);
  const frame = Buffer.alloc(HEADER_BYTES + 5 + document.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(OPERATION.message, 12);
  frame.writeUInt32LE(FLAG.moreToCome, HEADER_BYTES);
  frame.set(document, HEADER_BYTES + 5);
  return frame;
}

/** A reply around an encoded document, with more elements at its end. */
export function frameReply(
  request: Pick<Request, 'id' | 'isLegacy'>,
  document: Uint8Array,
  tail: Uint8Array,
): Buffer {
  const head = request.isLegacy ? HEADER_BYTES + 20 : HEADER_BYTES + 5;
  const frame = Buffer.allocUnsafe(head + document.length + tail.length);
  frame.fill(0, 0, head);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(request.id, 8);
  frame.writeInt32LE(request.isLegacy ? OPERATION.reply : OPERATION.message, 12);
  if (request.isLegacy) {
    frame.writeInt32LE(REPLY_AWAIT_CAPABLE, 16);
    frame.writeInt32LE(1, 32);
  }
  // The document without its terminator, then the additional elements, then the terminator.
  frame.set(document.subarray(0, -1), head);
  frame.writeInt32LE(document.length + tail.length, head);
  frame.set(tail, head + document.length - 1);
  frame.writeUInt8(0, frame.length - 1);
  return frame;
}

export const errorReply = (error: MongoCommandError): Doc => ({
  ok: 0,
  errmsg: error.message,
  code: error.code,
  codeName: error.codeName,
  ...error.facts,
});
