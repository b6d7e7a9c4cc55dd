import type { mongo } from 'mongoose';
import type { LastMessage } from '../../contracts/stores.js';
import { QUICK, type Rows } from '../database.js';
import { GatheredWrites, type Outcomes } from '../../lib/work/gathered-writes.js';
import type { ConversationRow } from '../models/conversations.js';

/** A change to a conversation that applies only if its row still has this version. */
export interface Settlement {
  readonly id: string;
  readonly version: number;
  /** Matches the row with that version only. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** Increments the version. */
  readonly update: mongo.UpdateFilter<ConversationRow>;
  readonly lastMessage: LastMessage;
}

/**
 * Batches settlements; each resolves to whether it was applied. The database says only how many of a batch
 * were. If that is not all of them, their rows are read again: a conversation that somebody has changed in the
 * meantime counts as not settled, so its answer is made again rather than given on outdated grounds.
 */
export function gatheredSettlements(rows: () => Rows<ConversationRow>): GatheredWrites<Settlement, boolean> {
  return new GatheredWrites((batch) => settle(rows(), batch));
}

async function settle(rows: Rows<ConversationRow>, batch: readonly Settlement[]): Promise<Outcomes<boolean>> {
  const [only] = batch;
  const { matchedCount } =
    batch.length === 1 && only !== undefined
      ? await rows.updateOne(only.filter, only.update, QUICK)
      : await rows.bulkWrite(
          batch.map(({ filter, update }) => ({ updateOne: { filter, update } })),
          { ...QUICK, ordered: false },
        );
  if (matchedCount === batch.length) return batch.map(() => () => true);
  if (batch.length === 1) return [() => false];
  const current = await currentRows(rows, batch);
  return batch.map((settlement) => () => isApplied(settlement, current.get(settlement.id)));
}

type CurrentRow = Pick<ConversationRow, '_id' | 'version' | 'lastMessage'>;

async function currentRows(
  rows: Rows<ConversationRow>,
  batch: readonly Settlement[],
): Promise<ReadonlyMap<string, CurrentRow>> {
  const current = await rows
    .find({ _id: { $in: batch.map(({ id }) => id) } })
    .project<CurrentRow>({ version: 1, lastMessage: 1 })
    .toArray();
  return new Map(current.map((row) => [row._id, row]));
}

function isApplied({ version, lastMessage }: Settlement, row: CurrentRow | undefined): boolean {
  const stored = row?.lastMessage;
  return (
    row?.version === version + 1 &&
    stored?.at.getTime() === lastMessage.at.getTime() &&
    stored.role === lastMessage.role &&
    stored.text === lastMessage.text
  );
}
