import { setMaxListeners } from 'node:events';
import { EmbeddingError, type EmbeddingModel } from '../../../contracts/embedding.js';
import type { Clock, Logger } from '../../../contracts/runtime.js';
import type { TenantScope } from '../../../contracts/stores.js';
import type { ModelVectors, Text } from './features.js';
import { modelTexts, unrelatedCosine } from './meaning.js';
import { textVectorStore } from '../texts/text-vectors.js';

/** The vectors an embedding model gives to everything a business says. */
export interface Meaning {
  readonly modelId: string;
  readonly texts: readonly ModelVectors[];
  /** Typical cosine of texts chosen at random. */
  readonly unrelated: number;
}

export interface MeaningsOptions {
  readonly model: EmbeddingModel;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once all texts of a tenant have vectors. */
  readonly onReady: (tenantId: string) => void;
}

/** With more texts than this, only the word table shipped with Sapa is used, because vectors cost memory. */
const MOST_TEXTS = 6_000;
const BATCH = 32;
const PAUSE = { first: 2_000, longest: 120_000 } as const;
/** Delay before retrying a business whose budget is used up, in ms. */
const BUDGET_PAUSE_MS = 15 * 60_000;

interface Work {
  readonly scope: TenantScope;
  readonly texts: readonly string[];
}

/**
 * Vectors for the texts of every tenant. They are stored, and computed in the background, one tenant after
 * another. Until all of a tenant's vectors exist, answers are found without them.
 */
export class Meanings {
  private readonly waiting = new Map<string, Work>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: MeaningsOptions) {
    // One listener per business may be waiting, so there is no limit.
    setMaxListeners(0, this.closing.signal);
  }

  /** All vectors; or `undefined`, and starts computing them, if any is missing. */
  async of(scope: TenantScope, texts: readonly Text[]): Promise<Meaning | undefined> {
    if (texts.length === 0 || texts.length > MOST_TEXTS) return undefined;
    const { model } = this.options;
    const pairs = texts.map(modelTexts);
    const modelInputs = [
      ...new Set(pairs.flatMap(({ head, whole }) => [whole, ...(head === undefined ? [] : [head])])),
    ];
    const vectorByText = await scope.store(textVectorStore).find(model.id, modelInputs);
    if (modelInputs.some((text) => !vectorByText.has(text))) {
      this.make(scope, modelInputs);
      return undefined;
    }
    const zeroVector = new Float32Array(model.dimensions);
    const vectors = pairs.map(({ head, whole }): ModelVectors => ({
      whole: vectorByText.get(whole) ?? zeroVector,
      ...(head === undefined ? {} : { head: vectorByText.get(head) }),
    }));
    return {
      modelId: model.id,
      texts: vectors,
      unrelated: unrelatedCosine(vectors.map(({ whole }) => whole)),
    };
  }

  async close(): Promise<void> {
    this.waiting.clear();
    this.closing.abort();
    await this.running;
  }

  private make(scope: TenantScope, texts: readonly string[]): void {
    if (this.closing.signal.aborted) return;
    this.waiting.set(scope.tenantId, { scope, texts });
    this.running ??= this.work().finally(() => {
      this.running = undefined;
    });
  }

  private async work(): Promise<void> {
    let pauseMs: number = PAUSE.first;
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined || this.closing.signal.aborted) return;
      const [tenantId, work] = next;
      this.waiting.delete(tenantId);
      try {
        await this.embed(work.scope, work.texts);
        pauseMs = PAUSE.first;
        this.options.onReady(tenantId);
      } catch (error) {
        if (this.closing.signal.aborted) return;
        if (error instanceof EmbeddingError && error.kind === 'over-budget') {
          this.makeLater(work);
          continue;
        }
        this.options.logger.warn({ tenantId, pauseMs, error }, 'the knowledge could not be embedded yet');
        // If the knowledge changed meanwhile, its newer texts are already waiting.
        if (!this.waiting.has(tenantId)) this.waiting.set(tenantId, work);
        await this.options.clock.sleep(pauseMs, this.closing.signal).catch(() => undefined);
        pauseMs = Math.min(PAUSE.longest, pauseMs * 2);
      }
    }
  }

  /** Retries later, so that one business's budget does not hold up the others. */
  private makeLater({ scope, texts }: Work): void {
    const { clock } = this.options;
    void clock.sleep(BUDGET_PAUSE_MS, this.closing.signal).then(
      () => {
        // If the knowledge changed meanwhile, its newer texts were queued.
        if (!this.waiting.has(scope.tenantId)) this.make(scope, texts);
      },
      () => undefined,
    );
  }

  /** Stores each batch at once, so that little is lost when the process stops. */
  private async embed(scope: TenantScope, texts: readonly string[]): Promise<void> {
    const { model } = this.options;
    const store = scope.store(textVectorStore);
    const stored = await store.find(model.id, texts);
    const missing = texts.filter((text) => !stored.has(text));
    for (let start = 0; start < missing.length; start += BATCH) {
      const some = missing.slice(start, start + BATCH);
      const vectors = await model.embed(some, 'passage', this.closing.signal, scope);
      await store.put(
        model.id,
        new Map(
          some.flatMap((text, i) => {
            const vector = vectors[i];
            return vector === undefined ? [] : [[text, vector] as const];
          }),
        ),
      );
    }
    await store.keepOnly(model.id, texts);
  }
}
