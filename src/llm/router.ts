import {
  ModelError,
  type ChainPart,
  type LanguageModel,
  type ModelAccount,
  type ModelChain,
  type ModelRequest,
  type ModelStreamPart,
  type PlannedCall,
  type PriceOf,
  type TurnSpending,
} from '../contracts/model.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import { CallMeter } from './call-meter.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { estimateRequestTokens } from './estimate-tokens.js';
import { fitRequest } from './fit-request.js';
import { aborted, malformed } from './model-failure.js';
import { watchedStream } from './watched-stream.js';

export interface ChainOptions {
  /** Longest wait for the first part and between two parts, in ms. */
  readonly idleMs: number;
  /** Longest wait for the first text of the turn, over all attempts, in ms. */
  readonly silentMs: number;
  /**
   * Most failed calls per turn plus calls per request. Models that answer only from given data do not count.
   */
  readonly calls: number;
  /** How often one model is retried within a turn. */
  readonly retriesPerModel: number;
  /** A model that asks for a longer wait is not retried in this turn, in ms. */
  readonly longestRetryAfterMs: number;
  /** Wait before a retry if the vendor asked for none, in ms. */
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
  /** By default nothing has a price. */
  readonly priceOf?: PriceOf;
  readonly options?: Partial<ChainOptions>;
  /**
   * Lets the chains of one process share what they know about a model; by default each chain learns alone.
   */
  readonly breakerOf?: (model: LanguageModel) => CircuitBreaker;
}

/** Combines several models into one: if one fails, the next answers, within one budget per turn. */
export function createModelChain(dependencies: ChainDependencies): ModelChain {
  const { models, clock } = dependencies;
  if (models.length === 0) throw new Error('a chain needs at least one model');
  const options = { ...CHAIN_DEFAULTS, ...dependencies.options };
  const breakers = new Map(
    models.map((model) => [model, dependencies.breakerOf?.(model) ?? new CircuitBreaker(clock)]),
  );
  return {
    models: models.map((model) => `${model.provider}:${model.model}`),
    writes: models.some(({ capabilities }) => !capabilities.groundedOnly),
    seesImages: models.some(({ capabilities }) => capabilities.images),
    readsPdfs: models.some(({ capabilities }) => capabilities.pdfs),
    stream: (request, signal, spending = newSpending()) =>
      new Attempts(dependencies, options, breakers, request, signal, spending).run(),
  };
}

function newSpending(): TurnSpending {
  return { calls: [], failures: 0, silentMs: 0 };
}

const NO_RESERVATION = { settle: () => undefined };
type Reservation = Awaited<ReturnType<ModelAccount['reserve']>>;

/** The attempts at one request. */
class Attempts {
  /** Calls of this request, plus the earlier failed calls of the turn. */
  private calls: number;
  private lastError: ModelError | undefined;

  constructor(
    private readonly dependencies: ChainDependencies,
    private readonly options: ChainOptions,
    private readonly breakers: ReadonlyMap<LanguageModel, CircuitBreaker>,
    private readonly request: ModelRequest,
    private readonly signal: AbortSignal,
    private readonly spending: TurnSpending,
  ) {
    this.calls = spending.failures;
  }

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

  /** Whether the budget, the breaker and the caller allow calling this model now. */
  private mayCall(model: LanguageModel, later: readonly LanguageModel[]): boolean {
    if (this.signal.aborted) throw aborted(model.provider);
    const breaker = this.breakers.get(model);
    if (!isFree(model) && !this.isAffordable(later)) return false;
    if (breaker?.admit() === true) return true;
    this.lastError ??= breaker?.lastError;
    return false;
  }

  /** Keeps one call for the last model that costs one, so that a long chain still reaches its end. */
  private isAffordable(later: readonly LanguageModel[]): boolean {
    const isLast = later.every(isFree);
    const calls = this.options.calls - (isLast ? 0 : 1);
    return this.calls < calls && this.spending.silentMs < this.options.silentMs && this.msLeft() > 0;
  }

  private msLeft(): number {
    const { deadlineAt = Infinity } = this.spending;
    return deadlineAt - this.dependencies.clock.monotonicMs();
  }

  /** Runs one attempt; returns why it failed, or `undefined` if it finished. */
  private async *attempt(model: LanguageModel): AsyncGenerator<ChainPart, ModelError | undefined> {
    const { clock } = this.dependencies;
    const { provider } = model;
    const breaker = this.breakers.get(model);
    const request = fitRequest(this.request, model.capabilities);
    const meter = new CallMeter(request, model.capabilities.contextTokens);
    const reserved = await this.reserve(model, request).catch((error: unknown) => {
      breaker?.released();
      throw error;
    });
    if (reserved === undefined) {
      breaker?.released();
      this.spending.isOverBudget = true;
      return overBudget(provider);
    }
    if (!isFree(model)) this.calls += 1;
    const startedAt = clock.monotonicMs();
    let firstTextAt: number | undefined;
    let outcome: ModelError | 'ok' | undefined;
    try {
      let isAnnounced = false;
      for await (const part of this.parts(model, request, meter)) {
        // Not earlier: a model that asks its server which model it has knows its name only now.
        if (!isAnnounced) yield attemptOf(model);
        isAnnounced = true;
        if (part.type === 'discard') {
          if (firstTextAt !== undefined) yield { type: 'restart', provider, reason: 'thinking' };
        } else if (part.type === 'finish') {
          // Set before the consumer sees the part, because it may stop listening right there.
          outcome = 'ok';
          breaker?.succeeded();
          yield { ...part, usage: meter.read(true).usage };
        } else if (part.type !== 'usage') {
          if (part.type === 'text-delta') firstTextAt ??= clock.monotonicMs();
          yield part;
        }
      }
      return undefined;
    } catch (error) {
      outcome = toModelError(provider, error);
      breaker?.failed(outcome);
    } finally {
      if (outcome === undefined) breaker?.released();
      const tookMs = clock.monotonicMs() - startedAt;
      if (outcome !== 'ok') this.spending.silentMs += (firstTextAt ?? clock.monotonicMs()) - startedAt;
      this.settle(model, meter, outcome, tookMs, reserved);
      this.record(model, outcome, tookMs);
    }
    if (outcome.kind !== 'aborted' && firstTextAt !== undefined) {
      yield { type: 'restart', provider, reason: outcome.kind };
    }
    return outcome;
  }

  /** Reserves the most the call can cost; `undefined`: the budget does not cover it. */
  private async reserve(model: LanguageModel, request: ModelRequest): Promise<Reservation> {
    const { account, calls, maxMicros } = this.spending;
    if (isFree(model)) return NO_RESERVATION;
    const call = this.plan(model, request);
    const spent = calls.reduce((total, each) => total + (each.costMicros ?? 0), 0);
    const isWithin = maxMicros === undefined || call.mostMicros === 0 || spent + call.mostMicros <= maxMicros;
    if (!isWithin) return undefined;
    return account === undefined ? NO_RESERVATION : account.reserve(call);
  }

  private plan(called: LanguageModel, request: ModelRequest): PlannedCall {
    const { provider, model } = called;
    const inputTokens = estimateRequestTokens(request);
    const usage = { inputTokens, outputTokens: 0 };
    const worst = {
      inputTokens,
      // Assumes the most expensive case: all input is written to the cache.
      cacheWriteTokens: inputTokens,
      outputTokens: called.mostOutputTokens?.(request) ?? request.maxOutputTokens,
    };
    const costMicros = this.dependencies.priceOf?.(provider, model, usage);
    const mostMicros = this.dependencies.priceOf?.(provider, model, worst) ?? 0;
    return { provider, model, usage, ...(costMicros === undefined ? {} : { costMicros }), mostMicros };
  }

  private settle(
    called: LanguageModel,
    meter: CallMeter,
    outcome: ModelError | 'ok' | undefined,
    tookMs: number,
    reserved: Reservation,
  ): void {
    if (isFree(called)) return;
    const { provider, model } = called;
    const { usage, isEstimated } = meter.read(outcome === 'ok');
    const costMicros = this.dependencies.priceOf?.(provider, model, usage);
    const call = {
      provider,
      model,
      usage,
      isEstimated,
      ...(costMicros === undefined ? {} : { costMicros }),
      outcome: outcome === 'ok' ? outcome : (outcome?.kind ?? 'aborted'),
      tookMs,
    } as const;
    this.spending.calls.push(call);
    if (call.outcome !== 'ok') this.spending.failures += 1;
    reserved?.settle(call);
  }

  private parts(
    model: LanguageModel,
    request: ModelRequest,
    meter: CallMeter,
  ): AsyncGenerator<ModelStreamPart> {
    const { silentMs, retryDelayMs, idleMs } = this.options;
    const limits = {
      idleMs,
      silentMs: Math.max(silentMs - this.spending.silentMs, retryDelayMs),
      totalMs: isFree(model) ? Infinity : this.msLeft(),
    };
    return watchedStream(model, request, limits, {
      clock: this.dependencies.clock,
      signal: this.signal,
      onPart: (part) => meter.note(part),
    });
  }

  /** Waits before a retry. After a stall, the next model answers sooner than a retry. */
  private async shouldRetry(
    failure: ModelError,
    tries: number,
    later: readonly LanguageModel[],
  ): Promise<boolean> {
    const { clock } = this.dependencies;
    const waitMs = failure.options.retryAfterMs ?? this.options.retryDelayMs;
    if (!failure.isRetryable || tries >= this.options.retriesPerModel) return false;
    if (waitMs > this.options.longestRetryAfterMs || waitMs >= this.msLeft()) return false;
    if (failure.kind === 'stalled' && later.length > 0) return false;
    const callsLeft = this.options.calls - this.calls;
    if (callsLeft <= later.filter((model) => !isFree(model)).length) return false;
    try {
      await clock.sleep(waitMs, this.signal);
    } catch {
      throw aborted(failure.provider);
    }
    this.spending.silentMs += waitMs;
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

/** Answers on this machine from the data it is given: costs no money and no waiting. */
function isFree(model: LanguageModel): boolean {
  return model.capabilities.groundedOnly;
}

function overBudget(provider: string): ModelError {
  return new ModelError('over-budget', provider, `${provider}: the budget does not reach for this call`);
}

function attemptOf({ provider, model, capabilities }: LanguageModel): ChainPart {
  return { type: 'attempt', provider, model, groundedOnly: capabilities.groundedOnly };
}

/** A model that throws anything else is broken; the turn continues without it. */
function toModelError(provider: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError('malformed', provider, `${provider}: failed in an unexpected way`, { cause: error });
}
