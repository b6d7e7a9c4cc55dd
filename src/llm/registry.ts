import type { Metrics } from '../contracts/metrics.js';
import type { LanguageModel, ModelChain, PriceOf } from '../contracts/model.js';
import type { Clock, Fetch, Logger } from '../contracts/runtime.js';
import { parseModelSpec } from '../lib/model-spec.js';
import { isOffered } from '../lib/unknown-providers.js';
import type { Transcriber } from '../contracts/transcription.js';
import { chooseTranscriber } from './choose-transcriber.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { LlmConfig } from './config.js';
import { listProviders, type Provider, type ProviderDependencies } from './providers.js';
import { StoredCatalogue, type ModelCatalogue } from './catalogue/catalogue.js';
import { pricesBy } from './prices.js';
import { probeModel, type ModelProbe } from './probe-model.js';
import { createModelChain, type ChainOptions } from './router.js';

export interface ModelRegistry {
  /**
   * Returns the chain of these specs, or the service's chain if there are none. Cached. Models of a business
   * that the service can no longer use are left out: its customers are answered by the remaining models, or
   * by the service's.
   */
  chainFor(spec: readonly string[] | undefined): ModelChain;
  /** What is wrong with the settings, one sentence each, for the start-up check. */
  problems(): readonly string[];
  /** Calls each model of the service's chain once, with a tiny request. */
  probe(signal: AbortSignal): Promise<readonly ModelProbe[]>;
  /** Every name a chain may use before the colon, whether or not it is configured. */
  readonly providers: readonly string[];
  /** The models the operator lets businesses choose from; `undefined`: all. */
  readonly tenantModels: readonly string[] | undefined;
  /** What is known about models; can be refreshed. */
  readonly catalogue: ModelCatalogue;
  /** The service's own chain, `provider:model` in order. */
  chain(): readonly string[];
  /** Prices calls by the facts known at the moment. */
  readonly priceOf: PriceOf;
  /** Transcribes voice messages. */
  readonly transcriber: Transcriber | undefined;
}

export interface RegistryDependencies extends ProviderDependencies {
  readonly config: LlmConfig;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<ChainOptions>;
}

/**
 * All models the settings give access to. Chains share models and breakers, so when a vendor is down all
 * businesses stop calling it at once.
 */
export function createModelRegistry(dependencies: RegistryDependencies): ModelRegistry {
  const { config, clock, logger, metrics, options } = dependencies;
  const catalogue: ModelCatalogue = new StoredCatalogue(dependencies);
  const priceOf = pricesBy(catalogue.factsOf);
  const providers = listProviders(config, dependencies, catalogue);
  const { modelOf, breakerOf } = new SharedModels(providers, clock);
  const chains = new Map<string, ModelChain>();
  const serviceChain = isSet(config.chain) ? config.chain : defaultChain(providers);

  const chainOf = (specs: readonly string[]): ModelChain =>
    createModelChain({
      models: [...new Set(specs.map(modelOf))],
      clock,
      logger,
      metrics,
      priceOf,
      breakerOf,
      ...(options === undefined ? {} : { options }),
    });

  const hearing = transcriberOf(dependencies, priceOf);
  return {
    chainFor(spec) {
      const specs = isSet(spec) ? spec : serviceChain;
      const key = JSON.stringify(specs);
      const cached = chains.get(key);
      if (cached !== undefined) return cached;
      const usable = specs === spec ? usableOf(spec, modelOf, dependencies) : specs;
      const chain = chainOf(usable.length > 0 ? usable : serviceChain);
      chains.set(key, chain);
      return chain;
    },
    probe: (signal) =>
      Promise.all(
        [...new Set(serviceChain.map(modelOf))]
          .filter(({ capabilities }) => !capabilities.groundedOnly)
          .map((model) => probeModel(model, clock, signal)),
      ),
    problems: () => [...serviceChain.flatMap((spec) => problemOf(spec, modelOf)), ...hearing.problems],
    priceOf,
    transcriber: hearing.transcriber,
    providers: providers.map(({ name }) => name),
    tenantModels: config.tenantModels,
    catalogue,
    chain: () =>
      serviceChain
        .filter((spec) => problemOf(spec, modelOf).length === 0)
        .map(modelOf)
        .map(({ provider, model }) => `${provider}:${model}`),
  };
}

/** Models and their breakers, each made once. */
class SharedModels {
  private readonly models = new Map<string, LanguageModel>();
  private readonly breakers = new Map<LanguageModel, CircuitBreaker>();

  constructor(
    private readonly providers: readonly Provider[],
    private readonly clock: Clock,
  ) {}

  readonly modelOf = (spec: string): LanguageModel => {
    const cached = this.models.get(spec);
    if (cached !== undefined) return cached;
    const newModel = makeModel(spec, this.providers);
    // `openai` and `openai:<its default>` are the same model.
    const name = `${newModel.provider}:${newModel.model}`;
    const model = this.models.get(name) ?? newModel;
    this.models.set(spec, model).set(name, model);
    return model;
  };

  readonly breakerOf = (model: LanguageModel): CircuitBreaker => {
    const breaker = this.breakers.get(model) ?? new CircuitBreaker(this.clock);
    this.breakers.set(model, breaker);
    return breaker;
  };
}

/** Those of a business's models that it may use and that can be used. */
function usableOf(
  spec: readonly string[],
  modelOf: (spec: string) => LanguageModel,
  { config: { tenantModels }, logger }: Pick<RegistryDependencies, 'config' | 'logger'>,
): readonly string[] {
  return spec.filter((name) => {
    const [problem] = isOffered(name, { tenantModels })
      ? problemOf(name, modelOf)
      : [`"${name}" is not among the models that the operator offers`];
    if (problem !== undefined) logger.warn({ problem }, 'a business names a model that cannot be used');
    return problem === undefined;
  });
}

function isSet(spec: readonly string[] | undefined): spec is readonly string[] {
  return spec !== undefined && spec.length > 0;
}

/** Everything the settings give access to, in the order of the provider list. */
function defaultChain(providers: readonly Provider[]): readonly string[] {
  return providers.filter((provider) => provider.isConfigured).map((provider) => provider.name);
}

function makeModel(spec: string, providers: readonly Provider[]): LanguageModel {
  const { provider: name, model: modelName } = parseModelSpec(spec);
  const provider = providers.find((candidate) => candidate.name === name);
  if (provider === undefined) {
    const names = providers.map((candidate) => candidate.name).join(', ');
    throw new Error(`unknown model provider "${name}" in "${spec}"; known are: ${names}`);
  }
  if (!provider.isConfigured) throw new Error(`"${spec}" needs ${provider.needs}`);
  if (modelName === '') throw new Error(`"${spec}" names no model; write ${name}:<model>`);
  return provider.create(modelName ?? provider.defaultModel);
}

function problemOf(spec: string, modelOf: (spec: string) => LanguageModel): readonly string[] {
  try {
    modelOf(spec);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function transcriberOf(
  { config, fetch, clock }: RegistryDependencies,
  priceOf: PriceOf,
): {
  readonly transcriber: Transcriber | undefined;
  readonly problems: readonly string[];
} {
  try {
    return { transcriber: chooseTranscriber(config, { fetch, clock, priceOf }), problems: [] };
  } catch (error) {
    return { transcriber: undefined, problems: [error instanceof Error ? error.message : String(error)] };
  }
}
