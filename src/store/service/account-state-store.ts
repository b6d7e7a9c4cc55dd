import type { AccountState } from '../../contracts/channel.js';
import type { Clock } from '../../contracts/runtime.js';
import { StoreError } from '../../contracts/stores.js';
import { checkedId, checkedNumber, checkedText, checkedTexts } from '../checked-value.js';
import type { Database } from '../database.js';
import { guarded, isDuplicateKey } from '../guard.js';
import {
  accountStateHeadTable,
  accountStateTable,
  type AccountStateHeadRow,
  type AccountStateRow,
  type StateBatch,
} from '../models/account-states.js';
import type { Sealer, SealedPlace } from '../seal.js';

/** How long markers of removed keys are kept: far longer than any process can be paused, in ms. */
const KEPT_REMOVALS_MS = 24 * 60 * 60 * 1000;

interface Holder {
  readonly tenantId: string;
  readonly accountId: string;
  readonly fence: number;
  /** Number of the last batch; `undefined` after a write that may or may not have been accepted. */
  batches: number | undefined;
}

/**
 * The state that channels keep for their accounts. A write is accepted by a single update of the account's
 * head, which checks the fence and stores the whole batch; then each value is copied to its own row. A batch
 * left in the head by a crash is applied before the state is read again.
 */
export class AccountStateStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sealer: Sealer,
  ) {}

  /** Opens the state of an account for the holder of its connection; earlier holders can no longer write. */
  async open(tenantId: string, accountId: string, fence: number): Promise<AccountState> {
    const holder: Holder = {
      tenantId: checkedId(tenantId),
      accountId: checkedId(accountId),
      fence: checkedNumber(fence),
      batches: undefined,
    };
    await this.take(holder);
    let last: Promise<void> = Promise.resolve();
    const inOrder = (work: () => Promise<void>): Promise<void> => {
      const next = last.then(work);
      last = next.catch(() => undefined);
      return next;
    };
    // The caller uses this long after `open` has returned, so its errors are mapped here.
    return guarded<AccountState>({
      read: (keys) => this.read(holder, keys),
      keys: (prefix) => this.keys(holder, prefix),
      write: (changes) => inOrder(() => this.write(holder, changes)),
      clear: () =>
        inOrder(async () => {
          const keys = await this.keys(holder, '');
          await this.write(holder, new Map(keys.map((key) => [key, undefined])));
        }),
    });
  }

  async removeAccount(accountId: string): Promise<void> {
    await this.heads.deleteOne({ _id: checkedText(accountId) });
    await this.rows.deleteMany({ accountId: checkedText(accountId) });
  }

  async removeTenant(tenantId: string): Promise<void> {
    const heads = await this.heads.find({ tenantId: checkedText(tenantId) }).toArray();
    for (const head of heads) await this.removeAccount(head._id);
  }

  private async take(holder: Holder): Promise<number> {
    const { tenantId, accountId, fence } = holder;
    const before = new Date(this.clock.now().getTime() - KEPT_REMOVALS_MS);
    try {
      const head = await this.heads.findOneAndUpdate(
        { _id: accountId, fence: { $lte: fence } },
        { $set: { fence, tenantId }, $setOnInsert: { batches: 0, pending: [] } },
        { upsert: true, returnDocument: 'after' },
      );
      if (head === null) throw conflict();
      for (const batch of head.pending) await this.carryOut(accountId, batch);
      await this.rows.deleteMany({ accountId, sealed: null, at: { $lt: before } });
      holder.batches = head.batches;
      return head.batches;
    } catch (error) {
      if (isDuplicateKey(error)) throw conflict();
      throw error;
    }
  }

  private async read(holder: Holder, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const { accountId } = holder;
    const ids = checkedTexts(keys).map((key) => rowId(accountId, key));
    const rows = await this.rows.find({ _id: { $in: ids } }).toArray();
    return new Map(
      rows.flatMap(({ key, sealed }) =>
        sealed === null
          ? []
          : [[key, Buffer.from(this.sealer.open(sealed, placeOf(holder, key)), 'base64')] as const],
      ),
    );
  }

  private async keys({ accountId }: Holder, prefix: string): Promise<readonly string[]> {
    const filter = { accountId, key: { $gte: checkedText(prefix) }, sealed: { $ne: null } };
    const rows = await this.rows
      .find(filter, { projection: { key: 1 } })
      .sort({ key: 1 })
      .toArray();
    return rows.map(({ key }) => key).filter((key) => key.startsWith(prefix));
  }

  private async write(holder: Holder, changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    if (changes.size === 0) return;
    const { accountId, fence } = holder;
    const sealed = [...changes].map(([key, value]) => ({
      key: checkedText(key),
      sealed:
        value === undefined
          ? null
          : this.sealer.seal(Buffer.from(value).toString('base64'), placeOf(holder, key)),
    }));
    const number = (holder.batches ?? (await this.take(holder))) + 1;
    const batch: StateBatch = { number, changes: sealed };
    holder.batches = undefined;
    const { matchedCount } = await this.heads.updateOne(
      { _id: accountId, fence, batches: number - 1 },
      { $set: { batches: number }, $push: { pending: batch } },
    );
    if (matchedCount === 0) throw conflict();
    await this.carryOut(accountId, batch);
    holder.batches = number;
  }

  private async carryOut(accountId: string, { number, changes }: StateBatch): Promise<void> {
    const at = this.clock.now();
    for (const { key, sealed } of changes) {
      const _id = rowId(accountId, key);
      try {
        await this.rows.updateOne(
          { _id, batch: { $lt: number } },
          { $set: { accountId, key, sealed, batch: number, at } },
          { upsert: true },
        );
      } catch (error) {
        // A newer batch has already written this key.
        if (!isDuplicateKey(error)) throw error;
      }
    }
    await this.heads.updateOne({ _id: accountId }, { $pull: { pending: { number } } });
  }

  private get rows() {
    return this.database.rows<AccountStateRow>(accountStateTable);
  }

  private get heads() {
    return this.database.rows<AccountStateHeadRow>(accountStateHeadTable);
  }
}

function rowId(accountId: string, key: string): string {
  return `${accountId}/${key}`;
}

function placeOf({ tenantId, accountId }: Holder, key: string): SealedPlace {
  return { tenantId, recordId: accountId, field: `state ${key}` };
}

function conflict(): StoreError {
  return new StoreError('conflict', 'another process holds the connection of this account');
}
