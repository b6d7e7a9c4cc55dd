import { LRUCache } from 'lru-cache';
import type { AnswerReference } from '../../../contracts/answers.js';
import type { FaqEntry } from '../../../contracts/knowledge.js';
import { canonical } from '../words/canonical.js';
import { Comparison } from '../matching/comparison.js';
import type { Item } from './items.js';
import type { Lexicon } from '../words/lexicon.js';
import type { Meaning } from '../matching/meanings.js';
import { KnowledgePieces } from './knowledge-pieces.js';
import { readText, TextPacker, type PackedTexts } from './packed-texts.js';
import { ShortlistBuilder, type Shortlist } from '../matching/shortlist.js';
import { tablesOf, type Table } from './tables.js';
import type { Features, Text } from '../matching/features.js';
import { wordsOf } from '../words/words.js';

/** Up to this many items, every message is compared with all of them. */
const FEW = 300;
/** The comparisons of this many recent messages are kept, because a turn asks the same in several ways. */
const RECENT = 4;

/** Many texts, of which those worth it are compared closely. */
interface Selection {
  readonly shortlist: Shortlist;
  readonly texts: PackedTexts;
}

interface Compared {
  readonly items: readonly Item[];
  readonly rows: readonly Features[];
}

/** Everything one business says, ready to be compared with messages. Immutable. */
export class AnswerIndex {
  readonly items: readonly Item[];
  readonly everything: KnowledgePieces;
  private readonly exact = new Map<string, FaqEntry>();
  private readonly comparison: Comparison | undefined;
  private readonly selection: Selection | undefined;
  private readonly recent = new LRUCache<string, Compared>({ max: RECENT });
  private read: readonly Table[] | undefined;

  constructor(
    readonly lexicon: Lexicon,
    /** Entries newest first: of two with the same wording, the first answers. */
    source: {
      readonly items: readonly Item[];
      readonly everything?: KnowledgePieces;
    },
    /** The embedding model's vectors for the items, in the same order. */
    private readonly meaning?: Meaning,
  ) {
    this.items = source.items;
    this.everything = source.everything ?? new KnowledgePieces([]);
    for (const item of this.items) {
      if (item.type !== 'entry') continue;
      const form = sameWords(item.text.head);
      for (const key of [`${item.entry.locale} ${form}`, form]) {
        if (!this.exact.has(key)) this.exact.set(key, item.entry);
      }
    }
    const texts = this.items.map(({ text }) => text);
    if (texts.length <= FEW) {
      this.comparison = Comparison.of(lexicon, texts, { model: (position) => meaning?.texts[position] });
    } else this.selection = selectionOf(lexicon, texts, meaning);
  }

  /** The tables among the items, with the columns that can be compared. */
  get tables(): readonly Table[] {
    this.read ??= tablesOf(this.items, this.lexicon);
    return this.read;
  }

  get size(): number {
    return this.items.length;
  }

  /** The entry with the same words in the same order, ignoring punctuation and case. */
  findExact(message: string, locale: string): FaqEntry | undefined {
    const form = sameWords(message);
    if (form === '') return undefined;
    return this.exact.get(`${locale} ${form}`) ?? this.exact.get(form);
  }

  /** The entry or the passage that an answer was taken from, if it still exists. */
  itemAt(reference: AnswerReference): Item | undefined {
    return this.items.find((item) => isAt(item, reference));
  }

  /** Whether the items have vectors from an embedding model. */
  get hasMeaning(): boolean {
    return this.meaning !== undefined;
  }

  /**
   * Items that may answer, with how the message compares with each. `vector` is the message's vector by the
   * model that embedded the items.
   */
  compare(message: string, vector?: Float32Array): Compared {
    const key = `${vector === undefined ? '' : 'embedded'}\n${message}`;
    const recent = this.recent.get(key);
    if (recent !== undefined) return recent;
    const compared = this.compareNow(message, vector);
    this.recent.set(key, compared);
    return compared;
  }

  private compareNow(message: string, vector: Float32Array | undefined): Compared {
    const { meaning, selection } = this;
    const byModel = vector && meaning && { vector, unrelated: meaning.unrelated };
    if (this.comparison !== undefined)
      return { items: this.items, rows: this.comparison.features(message, byModel) };
    if (selection === undefined) return { items: [], rows: [] };
    const { shortlist, texts } = selection;
    const positions = shortlist.positions(message, vector);
    const items = positions.flatMap((position) => this.items[position] ?? []);
    const comparison = new Comparison(
      this.lexicon,
      texts.vocabulary,
      items.map(({ text }, i) => {
        const position = positions[i] ?? -1;
        return texts.at(position, text, shortlist.sentence(position));
      }),
      { among: shortlist.rarity, model: (at) => meaning?.texts[positions[at] ?? -1] },
    );
    return { items, rows: comparison.features(message, byModel) };
  }
}

function selectionOf(lexicon: Lexicon, texts: readonly Text[], meaning: Meaning | undefined): Selection {
  const [shortlist, packer] = [new ShortlistBuilder(lexicon), new TextPacker(lexicon)];
  for (const text of texts) {
    const read = readText(text, lexicon);
    shortlist.add(text, read);
    packer.add(text, read);
  }
  return { shortlist: shortlist.finish(meaning), texts: packer.finish() };
}

function isAt(item: Item, reference: AnswerReference): boolean {
  if (item.type === 'entry') return reference.type === 'entry' && item.entry.id === reference.id;
  const { chunkId, position } = item.passage;
  return reference.type === 'passage' && reference.chunkId === chunkId && reference.unit === position;
}

/** The words of a question in order, for comparing two wordings. */
export function sameWords(question: string): string {
  return wordsOf(canonical(question)).join(' ');
}
