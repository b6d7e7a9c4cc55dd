export type { LlmConfig } from './config.js';
export { modelList, type ModelFacts } from './known-models.js';
export { catalogueRoutes } from './catalogue/routes.js';
export { describeModels, type DescribedModel } from './catalogue/describe.js';
export { createPriceOf } from './prices.js';
export { createModelRegistry, type ModelRegistry } from './registry.js';
export { usageRoutes } from './usage/usage-routes.js';
export { RecordedUsage } from './usage/usage-service.js';
export { usageStore } from './usage/usage-store.js';
