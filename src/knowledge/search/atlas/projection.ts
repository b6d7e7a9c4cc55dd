import { Binary } from 'bson';
import { allItems } from '../../../contracts/stores.js';
import { LOCALES, type Locale } from '../../../contracts/message.js';
import type { StoredChunk, StoredDocument, TenantScope } from '../../../contracts/stores.js';
import { derivedId } from '../../../lib/ids/make-id.js';
import type { Analyzer } from '../text/analyzer.js';
import { guessLanguage } from '../text/guess-language.js';
import { withHeadings } from '../tenant-index.js';
import { passageStore, type PassageRow, type ProjectedDocument } from './passage-store.js';
import { facet } from './pipelines.js';

/** What the search server of one business should find. */
export interface Projection {
  /** The current version of each document; rows of other versions do not count. */
  readonly live: ReadonlyMap<string, string>;
  /** Number of chunks in all documents. */
  readonly size: number;
  readonly languages: readonly Locale[];
  /** Written by this call. */
  readonly written: readonly ProjectedDocument[];
  readonly hasMissingVectors: boolean;
}

export interface ProjectionOptions {
  readonly analyzer: Analyzer;
  readonly model: { readonly id: string; readonly dimensions: number } | undefined;
}

/**
 * Brings the search rows in line with the documents. Writes only the rows of documents that changed or whose
 * vectors arrived. Idempotent.
 */
export async function project(scope: TenantScope, options: ProjectionOptions): Promise<Projection> {
  const store = scope.store(passageStore);
  const [documents, stored] = await Promise.all([
    allItems((page) => scope.documents.list(page)),
    store.documents(),
  ]);
  const before = new Map(stored.map((document) => [document._id, document]));
  const live = new Map<string, ProjectedDocument>();
  const writes: ProjectedDocument[] = [];
  for (const document of documents) {
    const old = before.get(document.id);
    const isCurrent = old?.version === versionOf(document, options) && old.missing === 0;
    const now = isCurrent ? old : await projectOne(scope, document, old, options);
    if (now === undefined) continue;
    live.set(now._id, now);
    if (now !== old) writes.push(now);
  }
  for (const { _id } of stored) if (!live.has(_id)) await store.remove(_id);
  const all = [...live.values()];
  const languages = new Set(all.flatMap((document) => document.languages));
  return {
    live: new Map(all.map(({ _id, version }) => [_id, version])),
    size: all.reduce((sum, { chunks }) => sum + chunks, 0),
    languages: LOCALES.filter((locale) => languages.has(locale)),
    written: writes,
    hasMissingVectors: all.some(({ missing }) => missing > 0),
  };
}

/** Changes with everything a row is made of, except the vectors, which arrive later. */
function versionOf(document: StoredDocument, { analyzer, model }: ProjectionOptions): string {
  const { generation, title, locale = '', metadata } = document;
  const vectors = model === undefined ? '' : `${model.id} ${model.dimensions}`;
  const facts = [String(generation), title, locale, JSON.stringify(metadata), vectors, analyzer.version];
  return derivedId('version', ...facts);
}

/** `undefined`: the document has no live chunks. */
async function projectOne(
  scope: TenantScope,
  document: StoredDocument,
  old: ProjectedDocument | undefined,
  options: ProjectionOptions,
): Promise<ProjectedDocument | undefined> {
  const chunks = await scope.documents.chunks(document.id);
  if (chunks.length === 0) return undefined;
  const version = versionOf(document, options);
  const rows = chunks.map((chunk) => rowOf(chunk, document, version, options));
  const missing =
    options.model === undefined ? 0 : rows.filter(({ modelId }) => modelId === undefined).length;
  if (old?.version === version && old.missing === missing) return old;
  const languages = new Set(chunks.map((chunk) => languageOf(chunk, document)));
  const now = { _id: document.id, version, chunks: rows.length, missing, languages: [...languages] };
  await scope.store(passageStore).put(now, rows);
  return now;
}

function languageOf(chunk: StoredChunk, { locale }: StoredDocument): Locale {
  return locale ?? guessLanguage(withHeadings(chunk));
}

function rowOf(
  chunk: StoredChunk,
  document: StoredDocument,
  version: string,
  { analyzer, model }: ProjectionOptions,
): PassageRow {
  const { id, title, locale, metadata } = document;
  const language = languageOf(chunk, document);
  const { vector } = chunk;
  const isOfModel = vector?.modelId === model?.id && vector?.values.length === model?.dimensions;
  return {
    _id: derivedId('passage', id, version, String(chunk.ordinal)),
    documentId: id,
    version,
    chunkId: chunk.id,
    title,
    text: withHeadings(chunk),
    ...(locale === undefined ? {} : { locale }),
    facets: Object.entries(metadata).map(([name, value]) => facet(name, value)),
    terms: analyzer.terms(chunk.text, language).join(' '),
    heads: analyzer.terms([title, ...chunk.headings].join('\n'), language).join(' '),
    ...(vector !== undefined && isOfModel ? vectorFields(vector) : {}),
  };
}

/** Servers refuse zero vectors: they have no direction, so nothing is near them. */
function vectorFields({
  modelId,
  values,
}: NonNullable<StoredChunk['vector']>): Pick<PassageRow, 'modelId' | 'vector'> {
  const hasDirection = values.some((value) => value !== 0);
  return { modelId, ...(hasDirection ? { vector: Binary.fromFloat32Array(values) } : {}) };
}
