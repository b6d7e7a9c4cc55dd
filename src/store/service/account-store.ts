import type { ConnectionState, PairingRequest } from '../../contracts/channel.js';
import type { Clock } from '../../contracts/runtime.js';
import { StoreError, type AccountRecord, type ServiceStore } from '../../contracts/stores.js';
import { checkedId, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { accountTable, keyCheckTable, type AccountRow } from '../models/accounts.js';
import type { Sealer, SealedPlace } from '../seal.js';
import { isDuplicateKey } from '../guard.js';
import { metaTable } from '../models/small-tables.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';

const KEY_CHECK = { tenantId: '', recordId: 'master key', field: 'check' } as const;

const CHANGES = { _id: 'account-changes', kind: 'counter' } as const;

/** Channel accounts. Their configuration contains tokens and is encrypted at rest. */
export class AccountStore {
  /** The accounts as last read, with the sealed text they were decrypted from. */
  #opened: ReadonlyMap<string, { readonly content: string; readonly account: AccountRecord }> = new Map();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sealer: Sealer,
  ) {}

  /** Throws a `StoreError` of kind `corrupt` if the data was written with another master key. */
  async checkMasterKey(): Promise<void> {
    const rows = this.database.rows(keyCheckTable);
    const record = await rows.findOne({ _id: KEY_CHECK.recordId });
    if (record !== null) {
      this.sealer.open(record.sealed, KEY_CHECK);
      return;
    }
    try {
      await rows.insertOne({ _id: KEY_CHECK.recordId, sealed: this.sealer.seal('sapa', KEY_CHECK) });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.checkMasterKey();
    }
  }

  async all(): Promise<readonly AccountRecord[]> {
    const rows = await this.database.model(accountTable).find().sort({ _id: 1 }).lean<AccountRow[]>().exec();
    const before = this.#opened;
    // Accounts are read over and over, so only changed ones are decrypted.
    this.#opened = new Map(
      rows.map((row) => {
        const previous = before.get(row._id);
        const content = contentOf(row);
        return [row._id, previous?.content === content ? previous : { content, account: this.readable(row) }];
      }),
    );
    return [...this.#opened.values()].map(({ account }) => account);
  }

  /** An id belongs to one tenant permanently: throws a `conflict` if it is another tenant's. */
  async put(account: Omit<AccountRecord, 'createdAt' | 'pairing' | 'isPaused'>): Promise<AccountRecord> {
    const filter = { _id: checkedId(account.id), tenantId: checkedId(account.tenantId) };
    const sealedConfig = this.sealer.seal(JSON.stringify(account.config ?? null), placeOf(filter));
    const change = {
      $set: { channel: checkedText(account.channel), sealedConfig },
      $setOnInsert: { createdAt: this.clock.now() },
    };
    const upsert = (): Promise<AccountRow | null> =>
      this.database
        .model(accountTable)
        .findOneAndUpdate(filter, change, { upsert: true, returnDocument: 'after' })
        .lean<AccountRow>()
        .exec();
    let row: AccountRow | null;
    try {
      row = await upsert();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      row = await upsert();
    }
    if (row === null) throw new StoreError('conflict', 'the account was removed while it was written');
    await this.announce();
    return this.accountOf(row);
  }

  async remove(tenantId: string, accountId: string): Promise<boolean> {
    const filter = { _id: checkedText(accountId), tenantId: checkedText(tenantId) };
    const { deletedCount } = await this.database.model(accountTable).deleteOne(filter).exec();
    if (deletedCount > 0) await this.announce();
    return deletedCount === 1;
  }

  requestPairing(
    tenantId: string,
    accountId: string,
    { method, phone }: PairingRequest,
  ): Promise<AccountRecord | undefined> {
    const pairing = {
      method,
      at: this.clock.now(),
      ...(phone === undefined ? {} : { phone: checkedText(phone) }),
    };
    // Requesting pairing implies that the account should be connected.
    return this.change(tenantId, accountId, { pairing, isPaused: false });
  }

  pause(tenantId: string, accountId: string, isPaused: boolean): Promise<AccountRecord | undefined> {
    return this.change(tenantId, accountId, { isPaused });
  }

  private async change(
    tenantId: string,
    accountId: string,
    $set: Partial<Pick<AccountRow, 'pairing' | 'isPaused'>>,
  ): Promise<AccountRecord | undefined> {
    const row = await this.database
      .model(accountTable)
      .findOneAndUpdate(
        { _id: checkedText(accountId), tenantId: checkedText(tenantId) },
        { $set },
        { returnDocument: 'after' },
      )
      .lean<AccountRow>()
      .exec();
    if (row === null) return undefined;
    await this.announce();
    return this.accountOf(row);
  }

  async putConnectionState(accountId: string, state: ConnectionState): Promise<void> {
    const connection = { state, at: this.clock.now() };
    await this.database
      .model(accountTable)
      .updateOne({ _id: checkedText(accountId) }, { $set: { connection } })
      .exec();
  }

  async connectionStates(tenantId: string): ReturnType<ServiceStore['connectionStates']> {
    const rows = await this.database
      .model(accountTable)
      .find({ tenantId: checkedText(tenantId) })
      .sort({ _id: 1 })
      .lean<AccountRow[]>()
      .exec();
    return rows.flatMap(({ _id, channel, connection }) =>
      connection === undefined ? [] : [{ accountId: _id, channel, ...connection }],
    );
  }

  async removeTenant(tenantId: string): Promise<void> {
    await this.database
      .model(accountTable)
      .deleteMany({ tenantId: checkedText(tenantId) })
      .exec();
    await this.announce();
  }

  /**
   * Grows after each change of any account. A change that a crash or a restore left unannounced is found by
   * reading all accounts.
   */
  async changes(): Promise<number> {
    const row = await this.database.rows(metaTable).findOne({ _id: CHANGES._id });
    return row?.value ?? 0;
  }

  private async announce(): Promise<void> {
    await retryOnDuplicate(() =>
      this.database.rows(metaTable).updateOne(CHANGES, { $inc: { value: 1 } }, { upsert: true }),
    );
  }

  /** An account that cannot be decrypted gets no settings, so that the others still work. */
  private readable(row: AccountRow): AccountRecord {
    try {
      return this.accountOf(row);
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'corrupt')) throw error;
      const { _id: id, tenantId, channel, createdAt } = row;
      return { id, tenantId, channel, config: undefined, ...pausedOf(row), createdAt };
    }
  }

  private accountOf(row: AccountRow): AccountRecord {
    const config: unknown = JSON.parse(this.sealer.open(row.sealedConfig, placeOf(row)));
    const { _id: id, tenantId, channel, pairing, createdAt } = row;
    const wish = pairing === undefined ? {} : { pairing };
    return { id, tenantId, channel, config, ...pausedOf(row), ...wish, createdAt };
  }
}

/**
 * Changes whenever the account record does; fields that are not secret are stored outside the encrypted part.
 */
function contentOf({ sealedConfig, pairing, isPaused }: AccountRow): string {
  return `${sealedConfig.content} ${pairing?.at.getTime() ?? ''} ${String(isPaused === true)}`;
}

function pausedOf({ isPaused }: AccountRow): Pick<AccountRecord, 'isPaused'> {
  return isPaused === true ? { isPaused } : {};
}

function placeOf(row: Pick<AccountRow, '_id' | 'tenantId'>): SealedPlace {
  return { tenantId: row.tenantId, recordId: row._id, field: 'config' };
}
