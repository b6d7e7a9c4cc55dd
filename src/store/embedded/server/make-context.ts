import { Catalog } from '../storage/catalog.js';
import type { DocumentCache } from '../storage/document-cache.js';
import type { RecordStore } from '../storage/record-store.js';
import { StoredKeys } from '../storage/stored-keys.js';
import { ChangeStreams } from './change-streams.js';
import type { ClusterClock } from './cluster-clock.js';
import type { CommandContext } from './context.js';
import { Cursors } from './cursors.js';
import type { EventLog } from './event-log.js';
import { FailPoints } from './fail-points.js';
import { Operations } from './operations.js';
import { RetryableWrites } from './retryable-writes.js';
import { Sessions } from './sessions.js';
import { Snapshots } from './snapshots.js';
import { Transactions } from './transactions.js';

export interface ContextParts extends Pick<CommandContext, 'address' | 'now' | 'announce' | 'compact'> {
  readonly records: RecordStore;
  readonly cache: DocumentCache;
  readonly clock: ClusterClock;
  readonly log: EventLog;
  readonly hasTestCommands: boolean;
}

/** Builds what commands work with. */
export function makeContext(parts: ContextParts): CommandContext {
  const { records, cache, clock, log, address, now, announce, compact } = parts;
  const catalog = new Catalog({
    records,
    cache,
    keys: new StoredKeys(records),
    onChange: (change) => {
      transactions.note(change);
      if (!transactions.isCommitting) announce({ type: 'change', change, transaction: undefined });
    },
  });
  const transactions = new Transactions(catalog, now, (change, transaction) => {
    announce({ type: 'change', change, transaction });
  });
  return {
    catalog,
    data: catalog,
    transactions,
    snapshots: new Snapshots(transactions, clock),
    sessions: new Sessions(now),
    operations: new Operations(now, address),
    cursors: new Cursors(now),
    streams: new ChangeStreams(clock, log, now),
    retryableWrites: new RetryableWrites(records, now),
    failPoints: parts.hasTestCommands ? new FailPoints() : undefined,
    address,
    now,
    announce,
    compact,
  };
}
