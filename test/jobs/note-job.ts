import { defineJob } from '../../src/contracts/queue.js';

/** A job that carries a note. */
export const noteJob = defineJob<{ readonly note: string }>('test.note', { concurrency: 1, tries: 3 });
