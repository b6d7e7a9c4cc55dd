export { createHandOver } from './hand-over.js';
export { handOverJobs } from './hand-over-jobs.js';
