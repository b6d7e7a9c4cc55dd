import {
  ModelError,
  type ChainPart,
  type LanguageModel,
  type ModelChain,
  type ModelRequest,
} from '../contracts/model.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { fitRequest } from './fit-request.js';
import { aborted, malformed } from './model-failure.js';
import { watchedStream } from './watched-stream.js';

export interface ChainOptions {
  /** Longest wait for the first part and between two parts, ms. */
  readonly idleMs: number;
  /** Longest wait for the first text of the turn, over all attempts, ms. */
  readonly silentMs: number;
  /** Most calls of one turn. Models that answer from given data alone are not counted. */
  readonly calls: number;
  /** How often one model is tried again within a turn. */
  readonly retriesPerModel: number;
  /** A model that asks for a longer wait is not tried again in this turn, ms. */
  readonly longestRetryAfterMs: number;
  /** Wait before a second try where the vendor named none, ms. */
  readonly retryDelayMs: number;
}

export const CHAIN_DEFAULTS = {
  idleMs: 20_000,
  silentMs: 60_000,
  calls: 4,
  retriesPerModel: 1,
  longestRetryAfterMs: 2000,
  retryDelayMs: 250,
} as const satisfies ChainOptions;

export interface ChainDependencies {
  readonly models: readonly LanguageModel[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<ChainOptions>;
  /** Chains of one process share what they know of a model; by default each chain learns alone. */
  readonly breakerOf?: (model: LanguageModel) => CircuitBreaker;
}

/** Several models as one: the next answers when one fails, within one budget per turn. */
export function createModelChain(dependencies: ChainDependencies): ModelChain {
  const { models, clock } = dependencies;
  if (models.length === 0) throw new Error('a chain needs at least one model');
  const options = { ...CHAIN_DEFAULTS, ...dependencies.options };
  const breakers = new Map(
    models.map((model) => [model, dependencies.breakerOf?.(model) ?? new CircuitBreaker(clock)]),
  );
  return {
    models: models.map((model) => `${model.provider}:${model.model}`),
    stream: (request, signal) => new Turn(dependencies, options, breakers, request, signal).run(),
  };
}

/** The attempts at one request. */
class Turn {
  private calls = 0;
  private silentMs = 0;
  private lastError: ModelError | undefined;

  constructor(
    private readonly dependencies: ChainDependencies,
    private readonly options: ChainOptions,
    private readonly breakers: ReadonlyMap<LanguageModel, CircuitBreaker>,
    private readonly request: ModelRequest,
    private readonly signal: AbortSignal,
  ) {}

  async *run(): AsyncGenerator<ChainPart> {
    for (const [index, model] of this.dependencies.models.entries()) {
      const later = this.dependencies.models.slice(index + 1);
      for (let tries = 0; this.mayCall(model, later); tries += 1) {
        const failure = yield* this.attempt(model);
        if (failure === undefined) return;
        this.lastError = failure;
        if (failure.kind === 'aborted') throw failure;
        if (!(await this.shouldRetry(failure, tries, later))) break;
      }
    }
    throw this.lastError ?? malformed('chain', 'no model could be called');
  }

  /** The budget, the breaker and the caller agree that this model is called now. */
  private mayCall(model: LanguageModel, later: readonly LanguageModel[]): boolean {
    if (this.signal.aborted) throw aborted(model.provider);
    const breaker = this.breakers.get(model);
    if (!isFree(model) && !this.isAffordable(later)) return false;
    if (breaker?.admit() === true) return true;
    this.lastError ??= breaker?.lastError;
    return false;
  }

  /** The last model that costs a call is kept one, so that a long chain still reaches its end. */
  private isAffordable(later: readonly LanguageModel[]): boolean {
    const isLast = later.every(isFree);
    const calls = this.options.calls - (isLast ? 0 : 1);
    return this.calls < calls && this.silentMs < this.options.silentMs;
  }

  /** Runs one attempt; returns why it failed, or nothing when it finished. */
  private async *attempt(model: LanguageModel): AsyncGenerator<ChainPart, ModelError | undefined> {
    const { clock } = this.dependencies;
    const { provider } = model;
    const breaker = this.breakers.get(model);
    const startedAt = clock.monotonicMs();
    let firstTextAt: number | undefined;
    let outcome: ModelError | 'ok' | undefined;
    if (!isFree(model)) this.calls += 1;
    try {
      yield { type: 'attempt', provider, model: model.model };
      for await (const part of this.parts(model)) {
        if (part.type === 'text-delta') firstTextAt ??= clock.monotonicMs();
        if (part.type === 'finish') {
          // Before the consumer sees it: it may stop listening right there.
          outcome = 'ok';
          breaker?.succeeded();
        }
        yield part;
      }
      return undefined;
    } catch (error) {
      outcome = toModelError(provider, error);
      breaker?.failed(outcome);
    } finally {
      if (outcome === undefined) breaker?.released();
      this.silentMs += (firstTextAt ?? clock.monotonicMs()) - startedAt;
      this.record(model, outcome, clock.monotonicMs() - startedAt);
    }
    if (outcome.kind !== 'aborted' && firstTextAt !== undefined) {
      yield { type: 'restart', provider, reason: outcome.kind };
    }
    return outcome;
  }

  private parts(model: LanguageModel): AsyncGenerator<ChainPart> {
    const limits = {
      idleMs: this.options.idleMs,
      silentMs: Math.max(this.options.silentMs - this.silentMs, this.options.retryDelayMs),
    };
    const request = fitRequest(this.request, model.capabilities);
    return watchedStream(model, request, limits, {
      clock: this.dependencies.clock,
      signal: this.signal,
    });
  }

  /** Waits before the second try. After a stall the next model is the quicker way to an answer. */
  private async shouldRetry(
    failure: ModelError,
    tries: number,
    later: readonly LanguageModel[],
  ): Promise<boolean> {
    const { clock } = this.dependencies;
    const waitMs = failure.options.retryAfterMs ?? this.options.retryDelayMs;
    if (!failure.isRetryable || tries >= this.options.retriesPerModel) return false;
    if (waitMs > this.options.longestRetryAfterMs) return false;
    if (failure.kind === 'stalled' && later.length > 0) return false;
    const callsLeft = this.options.calls - this.calls;
    if (callsLeft <= later.filter((model) => !isFree(model)).length) return false;
    try {
      await clock.sleep(waitMs, this.signal);
    } catch {
      throw aborted(failure.provider);
    }
    this.silentMs += waitMs;
    return true;
  }

  private record(model: LanguageModel, outcome: ModelError | 'ok' | undefined, tookMs: number): void {
    const { metrics, logger } = this.dependencies;
    const { provider } = model;
    const word = outcome === 'ok' ? 'ok' : (outcome?.kind ?? 'aborted');
    metrics.count('sapa_model_calls_total', { provider, outcome: word });
    metrics.observe('sapa_model_seconds', tookMs / 1000, { provider });
    if (!(outcome instanceof ModelError) || outcome.kind === 'aborted') return;
    const facts = {
      provider,
      model: model.model,
      kind: outcome.kind,
      status: outcome.options.status,
      tookMs,
    };
    logger.warn(facts, 'a model call failed');
  }
}

/** Answers from what it is given, on this machine: no money, no waiting. */
function isFree(model: LanguageModel): boolean {
  return model.capabilities.groundedOnly;
}

/** A model that throws something else is broken; the turn goes on without it. */
function toModelError(provider: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError('malformed', provider, `${provider}: failed in an unexpected way`, { cause: error });
}
