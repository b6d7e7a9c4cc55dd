export { tabularCommands } from './commands/index.js';
export { tabularStore } from './records/records.js';
export { TellTraining } from './report/tell-training.js';
export { trainingReport } from './report/training-report.js';
export { modelJson, trainingJson } from './routes/fields.js';
export { tabularRoutes } from './routes/index.js';
export { tableTools } from './tools/table-tools.js';
export { TabularService } from './service/tabular-service.js';
export { runWork } from './work/run-work.js';
