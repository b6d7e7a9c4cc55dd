import type { Chunk, DocumentKind } from '../../contracts/knowledge.js';
import { splitUnits } from './split-units.js';
import type { TextUnit } from './split-units.js';

export interface ChunkSource {
  readonly headings: readonly string[];
  readonly text: string;
}

export interface ChunkOptions {
  readonly documentId: string;
  readonly generation: number;
  readonly kind: DocumentKind;
}

/**
 * Sizes in characters. At about four characters per token this is 200 to 350 tokens: long enough to answer
 * from, short enough to be about one thing.
 */
export const CHUNK_SIZE = { target: 1000, maximum: 1400, smallest: 250 } as const;
/** In tables with up to this many rows, each row is its own chunk, so that it can be found on its own. */
export const SHORT_TABLE_ROWS = 2000;

const TABLE_KINDS: ReadonlySet<DocumentKind> = new Set(['csv', 'tsv', 'xlsx']);

/**
 * Splits a document into chunks: never inside a sentence, list item or table row that fits, never across
 * headings. No overlap, because each chunk carries its headings. Lazy, so that a long document can be split
 * in steps.
 */
export function* chunkSections(sections: readonly ChunkSource[], options: ChunkOptions): Generator<Chunk> {
  const isTable = TABLE_KINDS.has(options.kind);
  const texts = isTable ? tableTexts(sections) : proseTexts(sections);
  let ordinal = 0;
  for (const { headings, text } of texts) {
    const { documentId, generation } = options;
    yield { id: `${documentId}:${generation}:${ordinal}`, documentId, ordinal, headings, text };
    ordinal += 1;
  }
}

function* proseTexts(sections: readonly ChunkSource[]): Generator<ChunkSource> {
  for (const { headings, text } of sections) {
    for (const packed of pack(splitUnits(text, CHUNK_SIZE.maximum))) yield { headings, text: packed };
  }
}

function* tableTexts(rows: readonly ChunkSource[]): Generator<ChunkSource> {
  const single = rows.length <= SHORT_TABLE_ROWS;
  let group = '';
  let headings: readonly string[] = [];
  for (const row of rows) {
    const isOther = row.headings.join('\n') !== headings.join('\n');
    if (group !== '' && (single || isOther || group.length + row.text.length > CHUNK_SIZE.target)) {
      yield* groupTexts(group, headings);
      group = '';
    }
    headings = row.headings;
    group = group === '' ? row.text : `${group}\n${row.text}`;
  }
  if (group !== '') yield* groupTexts(group, headings);
}

/** A row may be longer than a chunk. */
function* groupTexts(text: string, headings: readonly string[]): Generator<ChunkSource> {
  if (text.length <= CHUNK_SIZE.maximum) {
    if (text.trim() !== '') yield { headings, text };
    return;
  }
  for (const packed of pack(splitUnits(text, CHUNK_SIZE.maximum))) yield { headings, text: packed };
}

/** Fills chunks up to the target size and joins a short remainder to the previous chunk. */
function* pack(units: Iterable<TextUnit>): Generator<string> {
  let ready: string | undefined;
  let open = '';
  let joinerOfOpen = '';
  for (const { text, joiner } of units) {
    if (open !== '' && isFull(open, text, joiner)) {
      if (ready !== undefined) yield ready;
      ready = open;
      open = '';
    }
    if (open === '') joinerOfOpen = joiner;
    open = open === '' ? text.trimStart() : `${open}${joiner}${text}`;
  }
  const joined = `${ready ?? ''}${joinerOfOpen}${open}`;
  if (ready !== undefined && open.length < CHUNK_SIZE.smallest && joined.length <= CHUNK_SIZE.maximum) {
    yield joined;
    return;
  }
  if (ready !== undefined) yield ready;
  if (open !== '') yield open;
}

function isFull(open: string, next: string, joiner: TextUnit['joiner']): boolean {
  const length = open.length + joiner.length + next.length;
  if (length > CHUNK_SIZE.maximum) return true;
  // The start of a new paragraph is a better place to end.
  return joiner === '\n\n' ? length > CHUNK_SIZE.target : open.length >= CHUNK_SIZE.target;
}
