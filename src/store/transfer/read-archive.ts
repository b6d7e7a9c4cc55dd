import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import mongoose from 'mongoose';
import { z } from 'zod';
import { StoreError } from '../../contracts/stores.js';
import { archiveHeaderSchema, COLLECTION_NAME, type ArchiveHeader } from './archive-format.js';
import type { ArchivedDocument } from './write-archive.js';

const { EJSON } = mongoose.mongo.BSON;
const LINE_FEED = 0x0a;
/** A document has at most 16 MB, and its EJSON at most a few times that. */
const LONGEST_LINE = 128 * 1024 * 1024;

const lineSchema = z.object({ c: z.string().regex(COLLECTION_NAME), d: z.looseObject({}) });

/**
 * Reads the file once, verifies counts and hash, and returns its header. Throws a `StoreError` of kind
 * `corrupt`.
 */
export async function verifyArchive(file: string): Promise<ArchiveHeader> {
  return corruptOnFailure(file, async () => {
    const hash = createHash('sha256');
    let header: ArchiveHeader | undefined;
    const counts: Record<string, number> = {};
    for await (const line of linesOf(file)) {
      if (header === undefined) {
        header = archiveHeaderSchema.parse(JSON.parse(line.toString('utf8')));
        continue;
      }
      hash.update(line).update('\n');
      const { collection } = documentOf(line);
      counts[collection] = (counts[collection] ?? 0) + 1;
    }
    if (header === undefined) throw new Error('it is empty');
    if (hash.digest('hex') !== header.sha256) throw new Error('its content does not fit its hash');
    const names = new Set([...Object.keys(counts), ...Object.keys(header.counts)]);
    const wrong = [...names].filter((name) => counts[name] !== header.counts[name]);
    if (wrong.length > 0) throw new Error(`it does not hold what it says of ${wrong.join(', ')}`);
    return header;
  });
}

/** The documents of a verified archive, in the order in which they were written. */
export async function* archivedDocuments(
  file: string,
): AsyncGenerator<ArchivedDocument & { readonly size: number }> {
  let isHeader = true;
  for await (const line of linesOf(file)) {
    if (!isHeader) yield { ...documentOf(line), size: line.length };
    isHeader = false;
  }
}

function documentOf(line: Buffer): ArchivedDocument {
  const { c, d } = lineSchema.parse(JSON.parse(line.toString('utf8')));
  const document: mongoose.mongo.Document = EJSON.deserialize(d, {
    relaxed: false,
  }) as mongoose.mongo.Document;
  return { collection: c, document };
}

/** Not readline, which also breaks at U+2028, and JSON may contain that. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const bytes = createGunzip();
  source.on('error', (error) => bytes.destroy(error));
  source.pipe(bytes);
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      length = 0;
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > LONGEST_LINE) throw new Error('a line is too long');
  }
  if (length > 0) throw new Error('it ends within a line');
}

async function corruptOnFailure<Result>(file: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw cause;
    const reason =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')
        : cause instanceof Error
          ? cause.message
          : String(cause);
    throw new StoreError('corrupt', `${file} cannot be read: ${reason}`, { cause });
  }
}
