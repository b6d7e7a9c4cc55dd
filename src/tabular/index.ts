export { tabularStore } from './records/records.js';
export type { TrainingRow } from './records/records.js';
export { tabularRoutes } from './routes/index.js';
export { TabularService } from './service/tabular-service.js';
export { runWork } from './work/run-work.js';
