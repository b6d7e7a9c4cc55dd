// A process that reserves money for a call and is killed before the call ends.
import { RecordedUsage } from '../../src/llm/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { openStore } from '../../src/store/index.js';
import { roomStores } from '../../src/compose/room-stores.js';
import { plannedCall } from '../fakes/planned-call.js';
import { silentLogger } from '../fakes/silent-logger.js';

export interface ReservingTask {
  readonly uri: string;
  readonly masterKey: string;
  readonly serviceDatabase: string;
  readonly databasePrefix: string;
  readonly tenantId: string;
  /** The most the call may cost, and what its request costs. */
  readonly micros: number;
  readonly leastMicros: number;
}

process.once('message', (task: ReservingTask) => void run(task));

async function run(task: ReservingTask): Promise<void> {
  const common = { clock: systemClock, makeId, logger: silentLogger };
  const masterKey = Buffer.from(task.masterKey, 'base64');
  const store = await openStore({ ...task, ...common, masterKey, roomStores });
  const scope = await store.service.scope(task.tenantId);
  if (scope === undefined) throw new Error('no such tenant');
  const usage = new RecordedUsage({ ...common, warn: () => Promise.resolve() });
  const planned = plannedCall(task.micros, task.leastMicros);
  const reserved = await usage.account(scope, { purpose: 'answer' }).reserve(planned);
  await usage.flush();
  process.send?.(reserved === undefined ? 'refused' : 'reserved');
}
