export { createLogger } from './create-logger.js';
export { createMetrics } from './create-metrics.js';
