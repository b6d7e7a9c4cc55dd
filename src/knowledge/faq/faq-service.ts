import type { FaqEntry, FaqService } from '../../contracts/knowledge.js';
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
  const { clock, makeId, finder } = options;

  function newEntry(text: FaqText, id: string): FaqEntry {
    const now = clock.now();
    return { ...text, id, createdAt: now, updatedAt: now };
  }

  /** One entry per question and language: an existing entry gets the new answer. */
  async function write(
    scope: TenantScope,
    texts: readonly FaqText[],
    idOf: (text: FaqText) => string = () => makeId('faq'),
  ): Promise<readonly FaqEntry[]> {
    const existing = new Map((await scope.faq.all()).map((entry) => [keyOf(entry), entry]));
    const added = new Map<string, FaqEntry>();
    const updated = new Map<string, FaqEntry>();
    for (const text of texts) {
      const duplicate = existing.get(keyOf(text));
      if (duplicate === undefined) added.set(keyOf(text), newEntry(text, idOf(text)));
      else updated.set(duplicate.id, { ...duplicate, ...text, updatedAt: clock.now() });
    }
    const entries = { added: [...added.values()], changed: [...updated.values()] };
    await scope.faq.write(entries);
    finder.invalidate(scope.tenantId);
    return [...entries.changed, ...entries.added];
  }

  /** The same question gets the same id, so that two concurrent calls cannot create two entries. */
  async function addOnce(scope: TenantScope, text: FaqText): Promise<readonly FaqEntry[]> {
    try {
      return await write(scope, [text], (each) => derivedId('faq', keyOf(each)));
    } catch (error) {
      // Another call was faster: the entry exists now and is updated.
      if (!(error instanceof StoreError && error.kind === 'conflict')) throw error;
      return write(scope, [text]);
    }
  }

  return {
    async match(scope, question, locale) {
      return {
        best: await finder.match(scope, question, locale),
        threshold: THRESHOLDS.sure,
      };
    },
    async add(scope, text) {
      const [entry] = await addOnce(scope, checkedText({ ...text }));
      if (entry === undefined) throw new RetrievalError('unavailable', 'The entry was not written.');
      return entry;
    },
    async update(scope, id, change) {
      const updated = await scope.faq.update(id, { ...checkedText({ ...change }), updatedAt: clock.now() });
      finder.invalidate(scope.tenantId);
      return updated;
    },
    async remove(scope, id) {
      const removed = await scope.faq.remove(id);
      finder.invalidate(scope.tenantId);
      return removed;
    },
    async importCsv(scope, bytes, defaultLocale) {
      const texts = parseFaqCsv(bytes, defaultLocale);
      await write(scope, texts);
      return { imported: texts.length };
    },
  };
}

/** The same words in the same order are the same question. */
function keyOf({ locale, question }: Pick<FaqEntry, 'locale' | 'question'>): string {
  return `${locale} ${sameWords(question) || question}`;
}
