import type { KnowledgePiece } from '../../../contracts/answers.js';
import type { FaqEntry } from '../../../contracts/knowledge.js';
import type { ChunkOfDocument, Item } from './items.js';

/** Most tokens of knowledge that are given to a model as a whole: the largest budget a business may set. */
const MOST_PROMPT_TOKENS = 100_000;
/** Conservative estimate of the characters per token in both languages. */
const CHARACTERS_A_TOKEN = 3.2;
/** Tokens used to frame a piece in a prompt. */
const FRAME_TOKENS = 12;

export function tokensOf({ title, text }: Pick<KnowledgePiece, 'title' | 'text'>): number {
  return Math.ceil((title.length + text.length) / CHARACTERS_A_TOKEN) + FRAME_TOKENS;
}

/**
 * Everything a business says, in an order that changes only when the knowledge does. Holds no pieces beyond
 * `MOST_PROMPT_TOKENS`.
 */
export class KnowledgePieces {
  private readonly pieces: KnowledgePiece[] = [];
  private sum = 0;

  constructor(entries: readonly FaqEntry[]) {
    for (const entry of entries) this.add(pieceOfEntry(entry));
  }

  addChunk({ id, document, headings, text }: ChunkOfDocument): void {
    const { title, locale } = document;
    const lines = [...headings.map((heading, depth) => `${'#'.repeat(depth + 1)} ${heading}`), text];
    this.add({
      kind: 'document',
      documentId: document.id,
      chunkId: id,
      title,
      text: lines.join('\n'),
      locale,
    });
  }

  get tokens(): number {
    return this.sum;
  }

  all(): readonly KnowledgePiece[] {
    return this.pieces;
  }

  find(chunkId: string): KnowledgePiece | undefined {
    return this.pieces.find((piece) => piece.chunkId === chunkId);
  }

  private add(piece: KnowledgePiece): void {
    this.sum += tokensOf(piece);
    if (this.sum <= MOST_PROMPT_TOKENS) this.pieces.push(piece);
    else this.pieces.length = 0;
  }
}

function pieceOfEntry({ id, question, answer, locale }: FaqEntry): KnowledgePiece {
  return { kind: 'faq', documentId: id, chunkId: id, title: question, text: answer, locale };
}

/** The piece that contains an item: its entry, or its chunk with the headings. */
export function pieceOf(item: Item): KnowledgePiece {
  if (item.type === 'entry') return pieceOfEntry(item.entry);
  const { section, passage } = item;
  const { document, headings } = section;
  const chunkPassages = section.passages.filter(({ chunkId }) => chunkId === passage.chunkId);
  const lines = headings.map((heading, depth) => `${'#'.repeat(depth + 1)} ${heading}`);
  return {
    kind: 'document',
    documentId: document.id,
    chunkId: passage.chunkId,
    title: document.title,
    text: [...lines, ...chunkPassages.map(({ unit }) => unit.text)].join('\n'),
    locale: document.locale,
  };
}
