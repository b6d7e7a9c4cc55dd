// Run from dist/ as a child process: takes up jobs of a store and never finishes them.
import mongoose from 'mongoose';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/telemetry/index.js';

const connection = await mongoose
  .createConnection(process.argv[2] ?? '', { dbName: process.argv[3] ?? '' })
  .asPromise();
if (connection.db === undefined) throw new Error('not connected');
const logger = createLogger({ level: 'silent', format: 'json' });
const queue = createJobQueue({ database: connection.db, clock: systemClock, logger });
await queue.start({
  'knowledge.ingest': async () => {
    process.stdout.write('started\n');
    await new Promise(() => undefined);
  },
});
process.stdout.write('ready\n');
