// Run from dist/ as a child process: starts jobs of a store and never finishes them.
import mongoose from 'mongoose';
import { handleJob } from '../../src/contracts/queue.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createLogger } from '../../src/telemetry/index.js';
import { noteJob } from './note-job.js';

const connection = await mongoose
  .createConnection(process.argv[2] ?? '', { dbName: process.argv[3] ?? '' })
  .asPromise();
if (connection.db === undefined) throw new Error('not connected');
const queue = createJobQueue({
  database: connection.db,
  scope: (tenantId) => Promise.resolve({ tenantId } as TenantScope),
  clock: systemClock,
  logger: createLogger({ level: 'silent', format: 'json' }),
});
await queue.start([
  handleJob(noteJob, {
    async run() {
      process.stdout.write('started\n');
      await new Promise(() => undefined);
    },
  }),
]);
process.stdout.write('ready\n');
