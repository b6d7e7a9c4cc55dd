import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ModelError } from '../../contracts/model.js';
import type { Clock, Fetch, Logger } from '../../contracts/runtime.js';
import { factsIn, KNOWN_MODELS, modelList, type ModelFacts } from '../known-models.js';
import type { LlmConfig } from '../config.js';
import { listVendorModels, type ListedModel } from './list-vendor-models.js';
import { readPriceList } from './read-price-list.js';
import { modelSources } from './sources.js';

/** What the lists said when they were read. */
const stored = z.strictObject({
  read_at: z.iso.datetime(),
  /** Names by provider, of those that could be asked. */
  listed: z.record(z.string(), z.array(z.string())),
  models: modelList,
});
export type StoredLists = z.output<typeof stored>;

/** What became of one list. */
export interface ListOutcome {
  readonly source: string;
  readonly models: number;
  /** Why it could not be read; what was known from it stays. */
  readonly problem?: string;
}

export interface ModelCatalogue {
  /** All that is known of a model: the operator's word first, then the lists as last read, then ours. */
  factsOf(provider: string, model: string): ModelFacts | undefined;
  /** The lists as last read; `undefined` before the first time. */
  lists(): StoredLists | undefined;
  /** Asks every vendor and server that is set up, and the list of prices, anew. */
  refresh(signal: AbortSignal): Promise<readonly ListOutcome[]>;
}

export interface CatalogueDependencies {
  readonly config: LlmConfig;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often a process looks whether another one has read the lists, ms. */
const LOOK_MS = 10_000;
const READ_WITHIN_MS = 30_000;

/** What is known of models, kept in a file that people can read and other processes take up. */
export function createModelCatalogue(deps: CatalogueDependencies): ModelCatalogue {
  const { config, fetch, clock, logger } = deps;
  const own = config.models ?? [];
  const file = config.listsFile;
  let current: StoredLists | undefined;
  let readMtime = 0;
  let lookAt = -Infinity;
  /** Each call is priced: nobody looks through whole lists for it. */
  let factsByModel = new Map<string, ModelFacts | undefined>();

  function lists(): StoredLists | undefined {
    if (file === undefined || clock.monotonicMs() < lookAt) return current;
    lookAt = clock.monotonicMs() + LOOK_MS;
    try {
      if (!existsSync(file)) return current;
      const { mtimeMs } = statSync(file);
      if (mtimeMs === readMtime) return current;
      readMtime = mtimeMs;
      current = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
      factsByModel = new Map();
    } catch (error) {
      logger.warn({ error, file }, 'the list of models cannot be read; what was known stays');
    }
    return current;
  }

  async function refresh(signal: AbortSignal): Promise<readonly ListOutcome[]> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]);
    const before = lists();
    const vendorLists = await Promise.all(
      modelSources(config).map(async (source) => {
        const list = await listOrProblem(() => listVendorModels(source, fetch, limit));
        return { source: source.provider, list };
      }),
    );
    const { prices } = config;
    const priceLines = prices === undefined ? [] : await listOrProblem(() => priceList(prices, fetch, limit));
    const outcomes = vendorLists.map(({ source, list }) => outcomeOf(source, list));
    if (prices !== undefined) outcomes.push(outcomeOf(prices, priceLines));
    if (outcomes.some(({ problem }) => problem === undefined)) {
      keep(joined(before, vendorLists, priceLines, clock.now()));
    }
    signal.throwIfAborted();
    return outcomes;
  }

  function keep(next: StoredLists): void {
    current = next;
    factsByModel = new Map();
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(next, null, 1)}\n`);
    renameSync(`${file}.new`, file);
    readMtime = statSync(file).mtimeMs;
  }

  return {
    factsOf(provider, model) {
      const read = lists()?.models ?? [];
      const key = `${provider}:${model}`;
      if (!factsByModel.has(key)) {
        factsByModel.set(key, factsIn([...own, ...read, ...KNOWN_MODELS], provider, model));
      }
      return factsByModel.get(key);
    },
    lists,
    refresh,
  };
}

type ListOrProblem = readonly ModelFacts[] | { readonly problem: string };

async function listOrProblem(read: () => Promise<readonly ModelFacts[]>): Promise<ListOrProblem> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof ModelError ? error.kind : 'unreachable';
    return { problem: error instanceof PriceListError ? error.message : reason };
  }
}

function outcomeOf(source: string, list: ListOrProblem): ListOutcome {
  return 'problem' in list ? { source, models: 0, problem: list.problem } : { source, models: list.length };
}

/** What could be read takes the place of what was known; the rest stays. */
function joined(
  before: StoredLists | undefined,
  vendorLists: readonly { readonly source: string; readonly list: ListOrProblem }[],
  prices: ListOrProblem,
  now: Date,
): StoredLists {
  const fresh = vendorLists.flatMap(({ list }) => ('problem' in list ? [] : list.filter(saysSomething)));
  const priced = 'problem' in prices ? [] : prices;
  const listed = Object.fromEntries(
    vendorLists.flatMap(({ source, list }) =>
      'problem' in list ? [] : [[source, list.map(({ model }) => model)] as const],
    ),
  );
  const names = new Set([...fresh, ...priced].map(nameOf));
  const unchanged = (before?.models ?? []).filter((each) => !names.has(nameOf(each)));
  return {
    read_at: now.toISOString(),
    listed: { ...before?.listed, ...listed },
    models: [...fresh, ...priced, ...unchanged],
  };
}

const nameOf = ({ provider, model }: ListedModel): string => `${provider}:${model}`;

function saysSomething({ context_tokens, price }: ListedModel): boolean {
  return context_tokens !== undefined || price !== undefined;
}

/** What is wrong with a list of prices, in words for the operator. */
class PriceListError extends Error {
  override readonly name = 'PriceListError';
}

async function priceList(where: string, fetch: Fetch, signal: AbortSignal): Promise<readonly ModelFacts[]> {
  let text: string;
  if (/^https?:\/\//u.test(where)) {
    const response = await fetch(where, { signal });
    if (!response.ok) throw new PriceListError(`it answered with ${response.status}`);
    text = await response.text();
  } else {
    text = await readFile(where, 'utf8');
  }
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new PriceListError('it is no JSON');
  }
  const facts = readPriceList(list);
  if (facts === undefined) throw new PriceListError('it is no list of prices that is known here');
  return facts;
}
