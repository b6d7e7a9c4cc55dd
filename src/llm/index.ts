export type { LlmConfig, LlmServer, VendorAccess } from './config.js';
export type { ExtractiveDependencies } from './extractive/index.js';
export type { ModelProbe } from './probe-model.js';
export { modelList, type ModelFacts } from './known-models.js';
export { createPriceOf } from './prices.js';
export { createModelRegistry, type ModelRegistry, type RegistryDependencies } from './registry.js';
export { CHAIN_DEFAULTS, createModelChain, type ChainOptions } from './router.js';
