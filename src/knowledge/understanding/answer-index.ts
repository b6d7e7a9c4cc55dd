import type { FaqEntry } from '../../contracts/knowledge.js';
import { canonical } from './canonical.js';
import { Comparison } from './comparison.js';
import { itemsOfEntry, type Item, type SectionReader } from './items.js';
import type { Lexicon } from './lexicon.js';
import { Everything } from './told.js';
import { Shortlist } from './shortlist.js';
import type { Features } from './features.js';
import { wordsOf } from './words.js';

/** Up to here all that a business says is compared with each message. */
const FEW = 300;

/** All that one business says, ready to be compared with messages; immutable. */
export class AnswerIndex {
  readonly items: readonly Item[];
  private readonly exact = new Map<string, FaqEntry>();
  private readonly whole: Comparison | undefined;
  private readonly shortlist: Shortlist | undefined;

  constructor(
    readonly lexicon: Lexicon,
    /** Newest first: of two with the same words the first answers. */
    entries: readonly FaqEntry[],
    sections: SectionReader,
    readonly everything = new Everything([]),
  ) {
    const faq = entries.flatMap(itemsOfEntry);
    this.items = [...faq, ...sections.items()];
    for (const item of faq) {
      if (item.type !== 'entry') continue;
      const form = sameWords(item.text.head);
      for (const key of [`${item.entry.locale} ${form}`, form]) {
        if (!this.exact.has(key)) this.exact.set(key, item.entry);
      }
    }
    const texts = this.items.map(({ text }) => text);
    if (texts.length <= FEW) this.whole = new Comparison(lexicon, texts);
    else this.shortlist = new Shortlist(lexicon, texts);
  }

  get size(): number {
    return this.items.length;
  }

  /** The entry asked in the same words in the same order, punctuation and case aside. */
  findExact(message: string, locale: string): FaqEntry | undefined {
    const form = sameWords(message);
    if (form === '') return undefined;
    return this.exact.get(`${locale} ${form}`) ?? this.exact.get(form);
  }

  /** Items that may answer, with how the message compares with each. */
  compare(message: string): { readonly items: readonly Item[]; readonly rows: readonly Features[] } {
    if (this.whole !== undefined) return { items: this.items, rows: this.whole.features(message) };
    const positions = this.shortlist?.positions(message) ?? [];
    const items = positions.flatMap((position) => this.items[position] ?? []);
    const rarity = this.shortlist?.rarity;
    const comparison = new Comparison(
      this.lexicon,
      items.map(({ text }) => text),
      rarity,
    );
    return { items, rows: comparison.features(message) };
  }
}

/** Words in order. */
export function sameWords(question: string): string {
  return wordsOf(canonical(question)).join(' ');
}
