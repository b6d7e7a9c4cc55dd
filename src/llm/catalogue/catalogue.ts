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
  let known: StoredLists | undefined;
  let readMtime = 0;
  let lookAt = -Infinity;
  /** Each call is priced: nobody looks through whole lists for it. */
  let found = new Map<string, ModelFacts | undefined>();

  function lists(): StoredLists | undefined {
    if (file === undefined || clock.monotonicMs() < lookAt) return known;
    lookAt = clock.monotonicMs() + LOOK_MS;
    try {
      if (!existsSync(file)) return known;
      const { mtimeMs } = statSync(file);
      if (mtimeMs === readMtime) return known;
      readMtime = mtimeMs;
      known = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
      found = new Map();
    } catch (error) {
      logger.warn({ error, file }, 'the list of models cannot be read; what was known stays');
    }
    return known;
  }

  async function refresh(signal: AbortSignal): Promise<readonly ListOutcome[]> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]);
    const before = lists();
    const asked = await Promise.all(
      modelSources(config).map(async (source) => {
        const told = await problemOr(() => listVendorModels(source, fetch, limit));
        return { source: source.provider, told };
      }),
    );
    const { prices } = config;
    const told = prices === undefined ? [] : await problemOr(() => priceList(prices, fetch, limit));
    const outcomes = asked.map(({ source, told: each }) => outcomeOf(source, each));
    if (prices !== undefined) outcomes.push(outcomeOf(prices, told));
    if (outcomes.some(({ problem }) => problem === undefined)) keep(joined(before, asked, told, clock.now()));
    signal.throwIfAborted();
    return outcomes;
  }

  function keep(next: StoredLists): void {
    known = next;
    found = new Map();
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
      if (!found.has(key)) found.set(key, factsIn([...own, ...read, ...KNOWN_MODELS], provider, model));
      return found.get(key);
    },
    lists,
    refresh,
  };
}

type Told = readonly ModelFacts[] | { readonly problem: string };

async function problemOr(read: () => Promise<readonly ModelFacts[]>): Promise<Told> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof ModelError ? error.kind : 'unreachable';
    return { problem: error instanceof PriceListError ? error.message : reason };
  }
}

function outcomeOf(source: string, told: Told): ListOutcome {
  return 'problem' in told ? { source, models: 0, problem: told.problem } : { source, models: told.length };
}

/** What could be read takes the place of what was known; the rest stays. */
function joined(
  before: StoredLists | undefined,
  asked: readonly { readonly source: string; readonly told: Told }[],
  prices: Told,
  now: Date,
): StoredLists {
  const fresh = asked.flatMap(({ told }) => ('problem' in told ? [] : told.filter(saysSomething)));
  const priced = 'problem' in prices ? [] : prices;
  const listed = Object.fromEntries(
    asked.flatMap(({ source, told }) =>
      'problem' in told ? [] : [[source, told.map(({ model }) => model)] as const],
    ),
  );
  const names = new Set([...fresh, ...priced].map(nameOf));
  const kept = (before?.models ?? []).filter((each) => !names.has(nameOf(each)));
  return {
    read_at: now.toISOString(),
    listed: { ...before?.listed, ...listed },
    models: [...fresh, ...priced, ...kept],
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
