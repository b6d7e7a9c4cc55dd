import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import { ARCHIVE_VERSION, type ArchiveHeader, type ArchiveSubject } from './archive-format.js';

const { EJSON } = mongoose.mongo.BSON;
/** Only the owner of the file may read customers' messages. */
const PRIVATE = 0o600;

export interface ArchivedDocument {
  readonly collection: string;
  readonly document: mongoose.mongo.Document;
}

/** Writes next to `file` and renames once it is complete and on disk. */
export async function writeArchive(
  file: string,
  subject: ArchiveSubject,
  documents: AsyncIterable<ArchivedDocument>,
): Promise<ArchiveHeader> {
  const body = `${file}.${process.pid}.body`;
  const partPath = `${file}.${process.pid}.part`;
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  async function* lines(): AsyncGenerator<string> {
    for await (const { collection, document } of documents) {
      const line = `${EJSON.stringify({ c: collection, d: document }, { relaxed: false })}\n`;
      hash.update(line);
      counts[collection] = (counts[collection] ?? 0) + 1;
      yield line;
    }
  }
  try {
    await pipeline(lines, createGzip(), createWriteStream(body, { mode: PRIVATE }));
    const facts = { version: ARCHIVE_VERSION, counts, sha256: hash.digest('hex') } as const;
    const header: ArchiveHeader = { ...subject, ...facts };
    // A file can consist of several gzip members, so the header can be written last.
    await writeFile(partPath, gzipSync(`${JSON.stringify(header)}\n`), { mode: PRIVATE });
    await pipeline(createReadStream(body), createWriteStream(partPath, { flags: 'a', flush: true }));
    await rename(partPath, file);
    return header;
  } finally {
    await rm(body, { force: true });
    await rm(partPath, { force: true });
  }
}
