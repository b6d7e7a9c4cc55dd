import mongoose, { type mongo } from 'mongoose';
import type { DocumentMetadata } from '../../contracts/knowledge.js';
import type { IndexedDocument, StoredChunk, StoredDocument } from '../../contracts/stores.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { checkedId, checkedNumber } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

/** Names are chosen by the business; stored as values they can contain dots, dollars and `__proto__`. */
interface MetadataField {
  readonly name: string;
  readonly value: string | number | boolean;
}

export interface DocumentRow extends Omit<StoredDocument, 'id' | 'locale' | 'metadata'> {
  readonly _id: string;
  readonly locale?: NonNullable<StoredDocument['locale']>;
  readonly metadata: readonly MetadataField[];
  /** The generation published last; absent while the first one is being built. */
  readonly publishedGeneration?: number;
  /** The document that replaced this one, which is kept only so that it can be restored. */
  readonly replacedBy?: string;
}

export const documentTable = defineTable<DocumentRow>(
  'documents',
  {
    _id: String,
    title: String,
    kind: String,
    locale: String,
    metadata: { type: [Mixed], default: undefined },
    status: String,
    progress: Number,
    chunks: Number,
    revision: Number,
    error: Mixed,
    createdAt: Date,
    updatedAt: Date,
    contentHash: String,
    fileName: String,
    generation: Number,
    publishedGeneration: Number,
    replaced: Mixed,
    replacedBy: String,
  },
  [{ keys: { createdAt: -1, _id: -1 } }, { keys: { replacedBy: 1 }, options: { sparse: true } }],
);

export interface ChunkRow {
  readonly _id: string;
  readonly chunkId: string;
  readonly documentId: string;
  readonly generation: number;
  readonly ordinal: number;
  readonly headings: readonly string[];
  readonly text: string;
  readonly modelId?: string;
  /** BSON vector of float32, as read by Atlas. */
  readonly vector?: mongo.Binary;
}

export const chunkTable = defineTable<ChunkRow>(
  'chunks',
  {
    _id: String,
    chunkId: String,
    documentId: String,
    generation: Number,
    ordinal: Number,
    headings: { type: [String], default: undefined },
    text: String,
    modelId: String,
    vector: Mixed,
  },
  [{ keys: { documentId: 1, generation: 1, ordinal: 1 } }],
);

type DocumentFields = {
  readonly [Name in keyof Omit<StoredDocument, 'id'>]?: StoredDocument[Name] | undefined;
};

/** The update that writes these fields; a field given as `undefined` is removed. */
export function documentUpdate(fields: DocumentFields): {
  readonly $set: Partial<DocumentRow>;
  readonly $unset: Record<string, 1>;
} {
  const { metadata, ...others } = fields;
  const entries: [string, unknown][] = Object.entries(others);
  if (metadata !== undefined) entries.push(['metadata', metadataFields(metadata)]);
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const unset = entries.filter(([, value]) => value === undefined).map(([name]) => [name, 1] as const);
  return { $set: set, $unset: Object.fromEntries(unset) };
}

export function documentOf(row: DocumentRow): StoredDocument {
  return {
    id: row._id,
    title: row.title,
    kind: row.kind,
    locale: row.locale ?? undefined,
    metadata: metadataOf(row.metadata),
    status: row.status,
    progress: row.progress,
    chunks: row.chunks,
    revision: row.revision,
    ...optional('error', row.error),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    contentHash: row.contentHash,
    ...optional('fileName', row.fileName),
    generation: row.generation,
    ...optional('replaced', row.replaced),
  };
}

export function indexedDocumentOf(row: DocumentRow): IndexedDocument {
  return {
    id: row._id,
    title: row.title,
    kind: row.kind,
    locale: row.locale ?? undefined,
    metadata: metadataOf(row.metadata),
  };
}

/** Whether searches may see the chunks of the document's live generation. */
export function isPublished(row: Pick<DocumentRow, 'generation' | 'publishedGeneration'>): boolean {
  return row.publishedGeneration === row.generation;
}

export function newChunkRow(documentId: string, generation: number, chunk: StoredChunk): ChunkRow {
  const row = {
    _id: derivedId('chunk', documentId, String(generation), String(chunk.ordinal)),
    chunkId: checkedId(chunk.id),
    documentId,
    generation,
    ordinal: checkedNumber(chunk.ordinal),
    headings: [...chunk.headings],
    text: chunk.text,
  };
  if (chunk.vector === undefined) return row;
  const { modelId, values } = chunk.vector;
  return { ...row, modelId, vector: mongoose.mongo.Binary.fromFloat32Array(values) };
}

export function chunkOf(row: ChunkRow): StoredChunk {
  const chunk = {
    id: row.chunkId,
    documentId: row.documentId,
    ordinal: row.ordinal,
    headings: row.headings,
    text: row.text,
    generation: row.generation,
  };
  if (row.vector === undefined || row.modelId === undefined) return chunk;
  return { ...chunk, vector: { modelId: row.modelId, values: row.vector.toFloat32Array() } };
}

function metadataFields(metadata: DocumentMetadata): MetadataField[] {
  return Object.entries(metadata).map(([name, value]) => ({ name, value }));
}

function metadataOf(fields: readonly MetadataField[]): DocumentMetadata {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}
