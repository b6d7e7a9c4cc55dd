export { describeMoment, describeRepeat } from './describe-when.js';
export { readWhen, wholeDurationMs, type When } from './read-when.js';
