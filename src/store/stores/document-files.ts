import { compress, decompress } from '@mongodb-js/zstd';
import mongoose, { type mongo } from 'mongoose';
import type { Database } from '../database.js';

const BUCKET = 'files';
/** 3 is zstd's own default: higher levels cost far more time than they save space here. */
const COMPRESSION_LEVEL = 3;

/** The original bytes of uploads, compressed with zstd and stored in GridFS under the document's id. */
export class DocumentFiles {
  constructor(private readonly database: Database) {}

  /** The new file is complete before the old one is removed. */
  async put(documentId: string, bytes: Uint8Array): Promise<void> {
    const older = await this.versions(documentId);
    const compressed = await compress(Buffer.from(bytes), COMPRESSION_LEVEL);
    const upload = this.bucket.openUploadStream(documentId);
    await new Promise<void>((resolve, reject) => {
      upload.once('finish', resolve).once('error', reject).end(compressed);
    });
    await this.removeVersions(older);
  }

  async get(documentId: string): Promise<Uint8Array | undefined> {
    const newest = (await this.versions(documentId)).at(-1);
    if (newest === undefined) return undefined;
    const parts: Buffer[] = [];
    for await (const part of this.bucket.openDownloadStream(newest._id)) parts.push(part as Buffer);
    return new Uint8Array(await decompress(Buffer.concat(parts)));
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
