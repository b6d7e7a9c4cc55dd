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

/** The lists as last read. */
const stored = z.strictObject({
  read_at: z.iso.datetime(),
  /** Model names by provider, for the providers that could be read. */
  listed: z.record(z.string(), z.array(z.string())),
  models: modelList,
});
export type StoredLists = z.output<typeof stored>;

/** The result of reading one list. */
export interface ListOutcome {
  readonly source: string;
  readonly models: number;
  /** Why the list could not be read; its previous content is kept. */
  readonly problem?: string;
}

export interface ModelCatalogue {
  /**
   * Everything known about a model: the operator's facts first, then the lists as last read, then the
   * built-in list.
   */
  factsOf(provider: string, model: string): ModelFacts | undefined;
  /** The lists as last read; `undefined`: never read. */
  lists(): StoredLists | undefined;
  /** Reads the lists of every configured vendor and server, and the price list, again. */
  refresh(signal: AbortSignal): Promise<readonly ListOutcome[]>;
}

export interface CatalogueDependencies {
  readonly config: LlmConfig;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often a process checks whether another one has read the lists, in ms. */
const LOOK_MS = 10_000;
const READ_WITHIN_MS = 30_000;

/** Model facts, kept in a file that people can read and that other processes pick up. */
export class StoredCatalogue implements ModelCatalogue {
  private current: StoredLists | undefined;
  private readMtime = 0;
  private lookAt = -Infinity;
  /** Cached, because every call is priced and searching the lists each time would be slow. */
  private factsByModel = new Map<string, ModelFacts | undefined>();

  constructor(private readonly deps: CatalogueDependencies) {}

  readonly factsOf = (provider: string, model: string): ModelFacts | undefined => {
    const read = this.lists()?.models ?? [];
    const configured = this.deps.config.models ?? [];
    const key = `${provider}:${model}`;
    if (!this.factsByModel.has(key)) {
      this.factsByModel.set(key, factsIn([...configured, ...read, ...KNOWN_MODELS], provider, model));
    }
    return this.factsByModel.get(key);
  };

  lists(): StoredLists | undefined {
    const { clock, logger, config } = this.deps;
    const { listsFile: file } = config;
    if (file === undefined || clock.monotonicMs() < this.lookAt) return this.current;
    this.lookAt = clock.monotonicMs() + LOOK_MS;
    try {
      if (!existsSync(file)) return this.current;
      const { mtimeMs } = statSync(file);
      if (mtimeMs === this.readMtime) return this.current;
      this.readMtime = mtimeMs;
      this.current = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
      this.factsByModel = new Map();
    } catch (error) {
      logger.warn({ error, file }, 'the list of models cannot be read; what was known stays');
    }
    return this.current;
  }

  async refresh(signal: AbortSignal): Promise<readonly ListOutcome[]> {
    const { config, fetch, clock } = this.deps;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]);
    const before = this.lists();
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
      this.keep(joined(before, vendorLists, priceLines, clock.now()));
    }
    signal.throwIfAborted();
    return outcomes;
  }

  private keep(next: StoredLists): void {
    const { listsFile: file } = this.deps.config;
    this.current = next;
    this.factsByModel = new Map();
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(next, null, 1)}\n`);
    renameSync(`${file}.new`, file);
    this.readMtime = statSync(file).mtimeMs;
  }
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

/** New data replaces what was known about the same models; the rest stays. */
function joined(
  before: StoredLists | undefined,
  vendorLists: readonly { readonly source: string; readonly list: ListOrProblem }[],
  prices: ListOrProblem,
  now: Date,
): StoredLists {
  const fresh = vendorLists.flatMap(({ list }) => ('problem' in list ? [] : list.filter(saysSomething)));
  const priced = 'problem' in prices ? [] : prices;
  const modelsBySource = Object.fromEntries(
    vendorLists.flatMap(({ source, list }) =>
      'problem' in list ? [] : [[source, list.map(({ model }) => model)] as const],
    ),
  );
  const names = new Set([...fresh, ...priced].map(nameOf));
  const unchanged = (before?.models ?? []).filter((each) => !names.has(nameOf(each)));
  return {
    read_at: now.toISOString(),
    listed: { ...before?.listed, ...modelsBySource },
    models: [...fresh, ...priced, ...unchanged],
  };
}

const nameOf = ({ provider, model }: ListedModel): string => `${provider}:${model}`;

function saysSomething({ context_tokens, price }: ListedModel): boolean {
  return context_tokens !== undefined || price !== undefined;
}

/** What is wrong with a price list, worded for the operator. */
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
