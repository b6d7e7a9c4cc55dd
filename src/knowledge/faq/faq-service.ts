import type { FaqEntry, FaqService } from '../../contracts/knowledge.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { RetrievalError } from '../../contracts/retriever.js';
import { RevisionCache } from '../search/revision-cache.js';
import { createAnalyzer } from '../search/text/analyzer.js';
import { FAQ_THRESHOLD } from './calibration.js';
import { parseFaqCsv } from './faq-csv.js';
import { checkedText, type FaqText } from './faq-text.js';
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

  async function insert(scope: TenantScope, entries: readonly FaqEntry[]): Promise<void> {
    await scope.faq.insert(entries);
    indexes.invalidate(scope.tenantId);
  }

  return {
    async match(scope, question, locale) {
      return { best: matchFaq(await indexesOf(scope), question, locale), threshold: FAQ_THRESHOLD };
    },
    async add(scope, text) {
      const entry = newEntry(checkedText({ ...text }));
      await insert(scope, [entry]);
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
      const entries = parseFaqCsv(bytes, defaultLocale).map(newEntry);
      if (entries.length > 0) await insert(scope, entries);
      return { imported: entries.length };
    },
  };
}
