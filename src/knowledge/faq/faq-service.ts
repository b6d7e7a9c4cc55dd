import type { FaqEntry, FaqService } from '../../contracts/knowledge.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { RetrievalError } from '../../contracts/retriever.js';
import { RevisionCache } from '../search/revision-cache.js';
import { createAnalyzer } from '../search/text/analyzer.js';
import { FAQ_THRESHOLD } from './calibration.js';
import { parseFaqCsv } from './faq-csv.js';
import { checkedText, type FaqText } from './faq-text.js';
import { exactForm } from './faq-index.js';
import { buildFaqIndexes, matchFaq, type FaqIndexes } from './match-faq.js';

export interface FaqServiceOptions {
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly logger: Logger;
  readonly maxIdleMs?: number;
  readonly maxTenants?: number;
}

const DEFAULTS = { maxIdleMs: 30 * 60_000, maxTenants: 2_000 } as const;

/** Frequent questions of every tenant, matched by their words; indexes are made when first needed. */
export function createFaqService(options: FaqServiceOptions): FaqService {
  const { clock, makeId, logger } = options;
  const analyzer = createAnalyzer({ keepQuestionWords: true });
  const indexes = new RevisionCache<FaqIndexes>({
    clock,
    logger,
    maxIdleMs: options.maxIdleMs ?? DEFAULTS.maxIdleMs,
    maxTenants: options.maxTenants ?? DEFAULTS.maxTenants,
    build: async (scope) => buildFaqIndexes(await scope.faq.all(), analyzer),
  });

  async function indexesOf(scope: TenantScope): Promise<FaqIndexes> {
    try {
      return (await indexes.get(scope)).value;
    } catch (cause) {
      throw new RetrievalError('unavailable', 'The frequent questions cannot be read at the moment.', {
        cause,
      });
    }
  }

  function newEntry(text: FaqText): FaqEntry {
    const now = clock.now();
    return { ...text, id: makeId('faq'), createdAt: now, updatedAt: now };
  }

  /** One entry for the same question in one language: what is there gets the new answer. */
  async function write(scope: TenantScope, texts: readonly FaqText[]): Promise<readonly FaqEntry[]> {
    const known = await indexesOf(scope);
    const added = new Map<string, FaqEntry>();
    const written: FaqEntry[] = [];
    for (const text of texts) {
      const same = known.get(text.locale)?.findExact(text.question);
      const changed = same && (await scope.faq.update(same.id, { ...text, updatedAt: clock.now() }));
      if (changed) written.push(changed);
      else added.set(`${text.locale} ${exactForm(text.question) || text.question}`, newEntry(text));
    }
    if (added.size > 0) await scope.faq.insert([...added.values()]);
    indexes.invalidate(scope.tenantId);
    return [...written, ...added.values()];
  }

  return {
    async match(scope, question, locale) {
      return { best: matchFaq(await indexesOf(scope), question, locale), threshold: FAQ_THRESHOLD };
    },
    async add(scope, text) {
      const [entry] = await write(scope, [checkedText({ ...text })]);
      if (entry === undefined) throw new RetrievalError('unavailable', 'The entry was not written.');
      return entry;
    },
    async update(scope, id, change) {
      const updated = await scope.faq.update(id, { ...checkedText({ ...change }), updatedAt: clock.now() });
      indexes.invalidate(scope.tenantId);
      return updated;
    },
    async remove(scope, id) {
      const removed = await scope.faq.remove(id);
      indexes.invalidate(scope.tenantId);
      return removed;
    },
    async importCsv(scope, bytes, defaultLocale) {
      const texts = parseFaqCsv(bytes, defaultLocale);
      await write(scope, texts);
      return { imported: texts.length };
    },
  };
}
