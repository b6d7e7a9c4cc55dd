import type { DataAccess } from '../storage/data-access.js';
import type { Operations } from './operations.js';
import type { Sessions } from './sessions.js';
import type { Snapshots } from './snapshots.js';
import type { Transactions } from './transactions.js';
import type { Catalog } from '../storage/catalog.js';
import type { FailPoints } from './fail-points.js';
import type { ChangeStreams, StoreEvent } from './change-streams.js';
import type { Cursors } from './cursors.js';
import type { RetryableWrites } from './retryable-writes.js';
import type { Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import type { Request } from './wire.js';

/** What commands have to work with. */
export interface CommandContext {
  readonly catalog: Catalog;
  readonly data: DataAccess;
  readonly transactions: Transactions;
  readonly snapshots: Snapshots;
  readonly sessions: Sessions;
  readonly operations: Operations;
  readonly cursors: Cursors;
  readonly streams: ChangeStreams;
  readonly retryableWrites: RetryableWrites;
  /** Only if the server was started for tests. */
  readonly failPoints: FailPoints | undefined;
  /** Where clients reach the server, for the hello reply. */
  readonly address: string;
  now(): Date;
  /** Returns the store's free pages to the disk. */
  compact(): Promise<{ readonly before: number; readonly after: number }>;
  /** Notifies change streams once the current commit is on disk. */
  announce(event: StoreEvent): void;
}

/** Runs a command; returns the reply or throws a `MongoCommandError`. */
export type Command = (request: Request, context: CommandContext) => Doc | Promise<Doc> | Work<Doc>;

export type CommandTable = Readonly<Record<string, Command>>;
