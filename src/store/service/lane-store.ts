import type { mongo } from 'mongoose';
import type { Clock } from '../../contracts/runtime.js';
import type { Lane, LaneRest, LaneStore } from '../../contracts/stores.js';
import { checkedDate, checkedId, checkedText, checkedTexts } from '../checked-value.js';
import { QUICK, type Database, type Rows } from '../database.js';
import { GatheredWrites, type Outcomes } from '../../lib/work/gathered-writes.js';
import { isDuplicateKey } from '../guard.js';
import { laneIdOf, laneTable, type LaneRow } from '../models/lanes.js';
import { PreparedWrites } from '../prepared-writes.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';
import type { SharedWrites, WriteModel } from '../shared-writes.js';

/** A lease that ended long ago, meaning that the lane is free. */
const FREE = new Date(0);
/**
 * A recreated lane starts above all its earlier fences, because time has passed and this many claims per
 * millisecond are impossible.
 */
const FENCES_PER_MS = 1000;
/** A lane whose connection has had no holder for this long may be processed by any process, in ms. */
const ORPHANED_AFTER_MS = 10 * 60_000;
/** A claimed lane with its number of marks at that time and the time until which it is kept. */
interface ClaimedLane extends Lane {
  readonly marks: number;
  readonly keepUntil?: Date | undefined;
}

type LaneMark = mongo.UpdateOneModel<LaneRow>;

/** A lane that has not been marked since it was claimed. */
type UntouchedLane = Pick<LaneRow, '_id' | 'owner' | 'fence' | 'marks'>;

interface Removal {
  readonly lane: UntouchedLane;
  readonly lastWrite: PreparedWrites | undefined;
}

export class MongoLaneStore implements LaneStore {
  #newestFence = 0;
  private readonly marked = new GatheredWrites<LaneMark, void>((marks) => this.markAll(marks));
  /** Resolves to whether the lane was removed; also false if that is unknown. */
  private readonly removed = new GatheredWrites<Removal, boolean>((removals) => this.remove(removals));

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly writes: SharedWrites,
  ) {}

  /**
   * `mark` and `open` are durable when resolved. Claims, renewals and releases are `QUICK`: losing one only
   * costs an extra look or the wait for a lease to expire.
   */
  async mark(tenantId: string, conversationId: string, dueAt: Date, keepUntil?: Date): Promise<void> {
    const due = checkedDate(dueAt);
    const keep = keepUntil === undefined ? {} : { $max: { keepUntil: checkedDate(keepUntil) } };
    const lane = { tenantId: checkedId(tenantId), conversationId: checkedId(conversationId) };
    const fence = this.fenceOfNewLane();
    await this.marked.add({
      filter: { _id: laneIdOf(tenantId, conversationId) },
      update: {
        $min: { dueAt: due },
        ...keep,
        $inc: { marks: 1 },
        $setOnInsert: { ...lane, leaseUntil: FREE, fence },
      },
      upsert: true,
    });
  }

  async open(
    tenantId: string,
    conversationId: string,
    owner: string,
    leaseMs: number,
  ): Promise<ClaimedLane | undefined> {
    const fence = this.fenceOfNewLane() + 1;
    this.#newestFence = fence;
    const lane = { tenantId: checkedId(tenantId), conversationId: checkedId(conversationId) };
    const claimed = { ...lane, owner: checkedText(owner), fence, marks: 0 };
    const leaseUntil = this.leaseEnd(leaseMs);
    try {
      const row = { _id: laneIdOf(tenantId, conversationId), ...claimed, leaseUntil, dueAt: leaseUntil };
      await this.writes.insert(() => this.rows, row);
      return claimed;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  async claim(
    tenantId: string,
    conversationId: string,
    owner: string,
    leaseMs: number,
  ): Promise<Lane | undefined> {
    const _id = laneIdOf(checkedText(tenantId), checkedText(conversationId));
    return this.take({ _id, leaseUntil: { $lte: this.clock.now() } }, owner, leaseMs);
  }

  async claimDue(
    owner: string,
    leaseMs: number,
    connections: readonly string[] = [],
  ): Promise<Lane | undefined> {
    const now = this.clock.now();
    const orphaned = new Date(now.getTime() - ORPHANED_AFTER_MS);
    const mayWork = [
      { needs: { $exists: false } },
      { needs: { $in: checkedTexts(connections) } },
      { dueAt: { $lte: orphaned } },
    ];
    return this.take({ dueAt: { $lte: now }, leaseUntil: { $lte: now }, $or: mayWork }, owner, leaseMs);
  }

  async claimConnected(
    owner: string,
    leaseMs: number,
    connections: readonly string[],
  ): Promise<Lane | undefined> {
    const now = this.clock.now();
    const needs = { $in: checkedTexts(connections) };
    return this.take({ dueAt: { $lte: now }, leaseUntil: { $lte: now }, needs }, owner, leaseMs);
  }

  async renew(lane: Lane, leaseMs: number): Promise<boolean> {
    const { matchedCount } = await this.rows.updateOne(
      ownedLane(lane),
      { $set: { leaseUntil: this.leaseEnd(leaseMs) } },
      QUICK,
    );
    return matchedCount === 1;
  }

  async release(lane: Lane, { nextDueAt, needs, lastWrite }: LaneRest = {}): Promise<void> {
    const untouched = { ...ownedLane(lane), marks: marksOf(lane) };
    const free =
      needs === undefined
        ? ({ $set: { leaseUntil: FREE }, $unset: { owner: 1, needs: 1 } } as const)
        : ({ $set: { leaseUntil: FREE, needs: checkedText(needs) }, $unset: { owner: 1 } } as const);
    const againAt = nextDueAt ?? this.keptUntil(lane);
    const shared = againAt === undefined && lastWrite instanceof PreparedWrites ? lastWrite : undefined;
    if (shared === undefined) await lastWrite?.send();
    if (againAt === undefined) {
      // A removed lane is no longer held, so freeing it would change nothing.
      const isRemoved = await this.removed.add({ lane: untouched, lastWrite: shared });
      if (!isRemoved) await this.rows.updateOne(ownedLane(lane), free, QUICK);
      return;
    }
    const dueAt = checkedDate(againAt);
    const later = { $set: { ...free.$set, dueAt }, $unset: free.$unset };
    const { matchedCount } = await this.rows.updateOne(untouched, later, QUICK);
    if (matchedCount === 0) await this.rows.updateOne(ownedLane(lane), { ...free, $min: { dueAt } }, QUICK);
  }

  async releaseOwner(owner: string): Promise<number> {
    const { matchedCount } = await this.rows.updateMany(
      { owner: checkedText(owner) },
      { $set: { leaseUntil: FREE }, $unset: { owner: 1 }, $min: { dueAt: this.clock.now() } },
    );
    return matchedCount;
  }

  async owners(): Promise<readonly string[]> {
    const rows = await this.rows.find({ owner: { $exists: true } }, { projection: { owner: 1 } }).toArray();
    return [...new Set(rows.flatMap((row) => row.owner ?? []))];
  }

  async removeTenant(tenantId: string): Promise<void> {
    await this.rows.deleteMany({ tenantId: checkedText(tenantId) });
  }

  /**
   * While a lane is held, its due time is the end of the lease, so that a mark, which can only make it
   * earlier, takes effect.
   */
  private async take(
    filter: Parameters<Rows<LaneRow>['findOneAndUpdate']>[0],
    owner: string,
    leaseMs: number,
  ): Promise<ClaimedLane | undefined> {
    const leaseUntil = this.leaseEnd(leaseMs);
    const row = await this.rows.findOneAndUpdate(
      filter,
      { $set: { owner: checkedText(owner), leaseUntil, dueAt: leaseUntil }, $inc: { fence: 1 } },
      { ...QUICK, sort: { dueAt: 1 }, returnDocument: 'after' },
    );
    if (row === null) return undefined;
    this.#newestFence = Math.max(this.#newestFence, row.fence);
    const { tenantId, conversationId, fence, marks, keepUntil } = row;
    return { tenantId, conversationId, owner, fence, marks, keepUntil };
  }

  private async markAll(marks: readonly LaneMark[]): Promise<Outcomes<void>> {
    const [only] = marks;
    const together = (): Promise<unknown> =>
      marks.length === 1 && only !== undefined
        ? this.rows.updateOne(only.filter, only.update, { upsert: true })
        : this.rows.bulkWrite(
            marks.map((updateOne) => ({ updateOne })),
            { ordered: false },
          );
    // If another process has created one of the lanes in the meantime, all are marked again; marking twice
    // does no harm.
    await retryOnDuplicate(together);
    return marks.map(() => () => undefined);
  }

  private async remove(removals: readonly Removal[]): Promise<Outcomes<boolean>> {
    const lanes = removals.map(({ lane }) => lane);
    const lastWrites = removals.flatMap(({ lastWrite }) => lastWrite ?? []);
    const count = (await this.removeAfter(lastWrites, lanes)) ?? (await this.removeAll(lanes));
    return lanes.map(() => () => count === lanes.length);
  }

  /** The number of lanes removed; `undefined` if the writes were sent, but not together with the removal. */
  private async removeAfter(
    lastWrites: readonly PreparedWrites[],
    lanes: readonly UntouchedLane[],
  ): Promise<number | undefined> {
    if (lastWrites.length === 0) return undefined;
    const { namespace } = this.rows;
    const deletions = lanes.map((lane): WriteModel => ({
      name: 'deleteOne',
      namespace,
      filter: { ...lane },
    }));
    const updates = lastWrites.flatMap(({ models }) => models);
    const result = await this.writes.inOrder([...updates, ...deletions]);
    if (result === undefined) await Promise.all(lastWrites.map((write) => write.send()));
    return result?.deletedCount;
  }

  private async removeAll(lanes: readonly UntouchedLane[]): Promise<number> {
    const [only] = lanes;
    const { deletedCount } =
      lanes.length === 1 && only !== undefined
        ? await this.rows.deleteOne(only, QUICK)
        : await this.rows.bulkWrite(
            lanes.map((filter) => ({ deleteOne: { filter } })),
            { ...QUICK, ordered: false },
          );
    return deletedCount;
  }

  /** `undefined` if that time has passed. */
  private keptUntil(lane: ClaimedLane | Lane): Date | undefined {
    const until = 'keepUntil' in lane ? lane.keepUntil : undefined;
    return until !== undefined && until > this.clock.now() ? until : undefined;
  }

  private fenceOfNewLane(): number {
    return Math.max(this.clock.now().getTime() * FENCES_PER_MS, this.#newestFence);
  }

  private leaseEnd(leaseMs: number): Date {
    return new Date(this.clock.now().getTime() + leaseMs);
  }

  private get rows(): Rows<LaneRow> {
    return this.database.rows(laneTable);
  }
}

function ownedLane(lane: Lane): { readonly _id: string; readonly owner: string; readonly fence: number } {
  const { tenantId, conversationId, owner, fence } = lane;
  return {
    _id: laneIdOf(checkedText(tenantId), checkedText(conversationId)),
    owner: checkedText(owner),
    fence,
  };
}

/** -1 matches no lane: one that was not returned by `claim` counts as marked and is looked at again. */
function marksOf(lane: Lane): number {
  return 'marks' in lane && typeof lane.marks === 'number' ? lane.marks : -1;
}
