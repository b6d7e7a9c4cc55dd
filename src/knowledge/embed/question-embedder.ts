import { EmbeddingError, type EmbeddingModel } from '../../contracts/embedding.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';

export interface QuestionEmbedderOptions {
  readonly model: EmbeddingModel;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a turn waits for vectors at most, in ms. */
  readonly waitMs?: number;
}

/**
 * Vectors of questions for callers that cannot wait: a model that is slow or down costs a turn almost
 * nothing.
 */
export interface QuestionEmbedder {
  readonly model: EmbeddingModel;
  /** In the order of the texts; `undefined` if the model does not return them in time. Never throws. */
  vectorsOf(texts: readonly string[], scope?: TenantScope): Promise<readonly Float32Array[] | undefined>;
}

const WAIT_MS = 300;
/** After this, the model is not expected to answer any more, in ms. */
const GIVE_UP_MS = 20_000;
/** After this many late or failed calls in a row, turns no longer wait. */
const MOST_FAILURES = 2;
/** How long turns do without the model before it is tried again, in ms; doubles each time. */
const REST = { first: 5_000, longest: 120_000 } as const;
const REMEMBERED = 500;

export function createQuestionEmbedder(options: QuestionEmbedderOptions): QuestionEmbedder {
  return new WatchedEmbedder({ waitMs: WAIT_MS, ...options });
}

/** Waits briefly, caches results and, after repeated failures, retries the model in the background. */
class WatchedEmbedder implements QuestionEmbedder {
  private readonly vectors = new Map<string, Float32Array>();
  private failures = 0;
  private restMs = 0;
  private restUntil = 0;
  private isTrying = false;

  constructor(private readonly options: Required<QuestionEmbedderOptions>) {}

  get model(): EmbeddingModel {
    return this.options.model;
  }

  async vectorsOf(
    texts: readonly string[],
    scope?: TenantScope,
  ): Promise<readonly Float32Array[] | undefined> {
    const remembered = this.remembered(texts);
    if (remembered !== undefined) return remembered;
    if (this.failures < MOST_FAILURES) return this.inTime(texts, this.ask(texts, scope));
    // The model is resting; once it may be up again, it is called without waiting for it.
    const isRested = this.options.clock.monotonicMs() >= this.restUntil;
    if (isRested && !this.isTrying) void this.ask(texts, scope);
    return undefined;
  }

  private remembered(texts: readonly string[]): readonly Float32Array[] | undefined {
    const vectors = texts.flatMap((text) => this.vectors.get(text) ?? []);
    return vectors.length === texts.length ? vectors : undefined;
  }

  private async inTime(
    texts: readonly string[],
    attempt: Promise<boolean>,
  ): Promise<readonly Float32Array[] | undefined> {
    const done = new AbortController();
    const late = this.options.clock.sleep(this.options.waitMs, done.signal).catch(() => undefined);
    await Promise.race([attempt, late]);
    done.abort();
    return this.remembered(texts);
  }

  /** Whether the vectors arrived; late ones are cached, too. */
  private async ask(texts: readonly string[], scope: TenantScope | undefined): Promise<boolean> {
    const { clock, model, waitMs } = this.options;
    const started = clock.monotonicMs();
    this.isTrying = true;
    try {
      const vectors = await model.embed(texts, 'query', AbortSignal.timeout(GIVE_UP_MS), scope);
      texts.forEach((text, i) => {
        const vector = vectors[i];
        if (vector !== undefined) this.remember(text, vector);
      });
      const took = clock.monotonicMs() - started;
      if (took > waitMs) this.failed({ tookMs: Math.round(took) });
      else this.succeeded();
      return true;
    } catch (error) {
      // That one business has spent its budget says nothing about the model.
      if (!(error instanceof EmbeddingError && error.kind === 'over-budget')) this.failed({ error });
      return false;
    } finally {
      this.isTrying = false;
    }
  }

  private remember(text: string, vector: Float32Array): void {
    const [oldest] = this.vectors.keys();
    if (this.vectors.size >= REMEMBERED && oldest !== undefined) this.vectors.delete(oldest);
    this.vectors.set(text, vector);
  }

  private succeeded(): void {
    this.failures = 0;
    this.restMs = 0;
  }

  private failed(facts: object): void {
    const { clock, logger, model } = this.options;
    this.failures += 1;
    if (this.failures < MOST_FAILURES) return;
    this.restMs = Math.min(REST.longest, Math.max(REST.first, this.restMs * 2));
    this.restUntil = clock.monotonicMs() + this.restMs;
    logger.warn(
      { modelId: model.id, restMs: this.restMs, ...facts },
      'the embedding model is slow or down: answers go on without it',
    );
  }
}
