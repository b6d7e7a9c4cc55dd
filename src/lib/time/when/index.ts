export { describeMoment, describeRepeat } from './describe-when.js';
export { readWrittenDate } from './read-day.js';
export { readWhen, wholeDurationMs, type When } from './read-when.js';
