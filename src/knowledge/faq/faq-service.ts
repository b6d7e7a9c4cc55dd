import type { FaqEntry, FaqMatchResult, FaqService } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import { RetrievalError } from '../../contracts/retriever.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import { StoreError, type TenantScope } from '../../contracts/stores.js';
import { derivedId } from '../../lib/ids/make-id.js';
import type { KnowledgeFinder } from '../understanding/answer-finder.js';
import { sameWords } from '../understanding/texts/answer-index.js';
import { THRESHOLDS } from '../understanding/matching/look.js';
import { parseFaqCsv } from './faq-csv.js';
import { checkedText, type FaqText } from './faq-text.js';

export interface FaqServiceOptions {
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly finder: KnowledgeFinder;
}

/** FAQ entries of every tenant. */
export function createFaqService(options: FaqServiceOptions): FaqService {
  return new Faq(options);
}

class Faq implements FaqService {
  constructor(private readonly options: FaqServiceOptions) {}

  async match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatchResult> {
    const best = await this.options.finder.match(scope, question, locale);
    return { best, threshold: THRESHOLDS.sure };
  }

  async add(scope: TenantScope, text: FaqText): Promise<FaqEntry> {
    const [entry] = await this.addOnce(scope, checkedText({ ...text }));
    if (entry === undefined) throw new RetrievalError('unavailable', 'The entry was not written.');
    return entry;
  }

  async update(scope: TenantScope, id: string, change: Partial<FaqText>): Promise<FaqEntry | undefined> {
    const { clock, finder } = this.options;
    const updated = await scope.faq.update(id, { ...checkedText({ ...change }), updatedAt: clock.now() });
    finder.invalidate(scope.tenantId);
    return updated;
  }

  async remove(scope: TenantScope, id: string): Promise<boolean> {
    const removed = await scope.faq.remove(id);
    this.options.finder.invalidate(scope.tenantId);
    return removed;
  }

  async importCsv(
    scope: TenantScope,
    bytes: Uint8Array,
    defaultLocale: Locale,
  ): Promise<{ readonly imported: number }> {
    const texts = parseFaqCsv(bytes, defaultLocale);
    await this.write(scope, texts);
    return { imported: texts.length };
  }

  /** The same question gets the same id, so that two concurrent calls cannot create two entries. */
  private async addOnce(scope: TenantScope, text: FaqText): Promise<readonly FaqEntry[]> {
    try {
      return await this.write(scope, [text], (each) => derivedId('faq', keyOf(each)));
    } catch (error) {
      // Another call was faster: the entry exists now and is updated.
      if (!(error instanceof StoreError && error.kind === 'conflict')) throw error;
      return this.write(scope, [text]);
    }
  }

  /** One entry per question and language: an existing entry gets the new answer. */
  private async write(
    scope: TenantScope,
    texts: readonly FaqText[],
    idOf: (text: FaqText) => string = () => this.options.makeId('faq'),
  ): Promise<readonly FaqEntry[]> {
    const existing = new Map((await scope.faq.all()).map((entry) => [keyOf(entry), entry]));
    const added = new Map<string, FaqEntry>();
    const changed = new Map<string, FaqEntry>();
    const now = this.options.clock.now();
    for (const text of texts) {
      const known = existing.get(keyOf(text));
      if (known === undefined) {
        added.set(keyOf(text), { ...text, id: idOf(text), createdAt: now, updatedAt: now });
      } else changed.set(known.id, { ...known, ...text, updatedAt: now });
    }
    await scope.faq.write({ added: [...added.values()], changed: [...changed.values()] });
    this.options.finder.invalidate(scope.tenantId);
    return [...changed.values(), ...added.values()];
  }
}

/** The same words in the same order are the same question. */
function keyOf({ locale, question }: Pick<FaqEntry, 'locale' | 'question'>): string {
  return `${locale} ${sameWords(question) || question}`;
}
