import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compress, decompress } from '@mongodb-js/zstd';
import mongoose, { type mongo } from 'mongoose';
import type { Database } from '../database.js';

const BUCKET = 'files';
/** 3 is zstd's own default: higher levels cost far more time than they save space here. */
const COMPRESSION_LEVEL = 3;
/** Files are compressed in pieces of this size, so that a large one can be read without holding all of it. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Stored with a file: the compressed size of each piece, in order. Older files are a single piece. */
interface FileFacts {
  readonly pieces?: readonly number[];
}

/** The original bytes of uploads, compressed with zstd and stored in GridFS under the document's id. */
export class DocumentFiles {
  constructor(private readonly database: Database) {}

  /** The new file is complete before the old one is removed. */
  async put(documentId: string, bytes: Uint8Array): Promise<void> {
    const older = await this.versions(documentId);
    const pieces: number[] = [];
    // The driver stores the metadata last, when all sizes are known.
    const metadata: FileFacts = { pieces };
    const upload = this.bucket.openUploadStream(documentId, { metadata });
    await pipeline(Readable.from(compressedPieces(bytes, pieces)), upload);
    await this.removeVersions(older);
  }

  async get(documentId: string): Promise<Uint8Array | undefined> {
    const pieces = await this.pieces(documentId);
    if (pieces === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for await (const piece of pieces) parts.push(piece);
    return parts.length === 1 ? parts[0] : new Uint8Array(Buffer.concat(parts));
  }

  /** The bytes in order, one piece at a time. */
  async pieces(documentId: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const newest = (await this.versions(documentId)).at(-1);
    if (newest === undefined) return undefined;
    const { pieces = [newest.length] } = (newest.metadata ?? {}) as FileFacts;
    return decompressedPieces(this.bucket.openDownloadStream(newest._id), pieces);
  }

  async remove(documentId: string): Promise<void> {
    await this.removeVersions(await this.versions(documentId));
  }

  /** Oldest first. More than one only during a replacement or after an interrupted one. */
  private versions(documentId: string): Promise<mongo.GridFSFile[]> {
    return this.bucket.find({ filename: documentId }).sort({ uploadDate: 1, _id: 1 }).toArray();
  }

  private async removeVersions(files: readonly mongo.GridFSFile[]): Promise<void> {
    for (const file of files) await this.bucket.delete(file._id);
  }

  private get bucket(): mongo.GridFSBucket {
    return new mongoose.mongo.GridFSBucket(this.database.native, { bucketName: BUCKET });
  }
}

/** Adds the size of each piece to `sizes` before yielding it. */
async function* compressedPieces(bytes: Uint8Array, sizes: number[]): AsyncIterable<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, bytes.length - start);
    const piece = await compress(
      Buffer.from(bytes.buffer, bytes.byteOffset + start, length),
      COMPRESSION_LEVEL,
    );
    sizes.push(piece.length);
    yield piece;
  }
}

async function* decompressedPieces(
  stored: AsyncIterable<Buffer>,
  sizes: readonly number[],
): AsyncIterable<Uint8Array> {
  const remaining = sizes.values();
  let size = remaining.next();
  let parts: Buffer[] = [];
  let gathered = 0;
  for await (let part of stored) {
    while (size.done !== true && gathered + part.length >= size.value) {
      const end = size.value - gathered;
      yield await decompressed([...parts, part.subarray(0, end)]);
      part = part.subarray(end);
      parts = [];
      gathered = 0;
      size = remaining.next();
    }
    parts.push(part);
    gathered += part.length;
  }
}

/** A plain array: methods of a Buffer, such as `slice`, do not copy. */
async function decompressed(parts: readonly Buffer[]): Promise<Uint8Array> {
  const { buffer, byteOffset, length } = await decompress(Buffer.concat(parts));
  return new Uint8Array(buffer, byteOffset, length);
}
