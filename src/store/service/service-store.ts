import type { AccountState, ConnectionState, PairingRequest } from '../../contracts/channel.js';
import type { TenantSettings } from '../../contracts/settings.js';
import type {
  AccountRecord,
  ApiKeyInfo,
  KeyHolder,
  LaneStore,
  Page,
  PageRequest,
  SharedChatStore,
  ServiceStore,
  StopStore,
  Tenant,
  TenantScope,
  TroubleStore,
  WaitStore,
} from '../../contracts/stores.js';
import { StoreError } from '../../contracts/stores.js';
import { guarded } from '../guard.js';
import { lastChangeOf, tenantOf, type TenantRow } from '../models/tenants.js';
import { databaseNameOf } from '../tenant-id.js';
import type { AccountStateStore } from './account-state-store.js';
import type { AccountStore } from './account-store.js';
import type { KeyStore } from './key-store.js';
import type { MongoLaneStore } from './lane-store.js';
import type { OpenTenants } from './open-tenants.js';
import type { MongoSharedChatStore } from './shared-chat-store.js';
import type { MongoStopStore } from './stop-store.js';
import type { MongoTroubleStore } from './trouble-store.js';
import type { MongoWaitStore } from './wait-store.js';
import type { TenantStore } from './tenant-store.js';

export interface ServiceParts {
  readonly databasePrefix: string;
  readonly lanes: MongoLaneStore;
  readonly tenants: TenantStore;
  readonly open: OpenTenants;
  readonly keys: KeyStore;
  readonly accounts: AccountStore;
  readonly accountStates: AccountStateStore;
  readonly sharedChats: MongoSharedChatStore;
  readonly stops: MongoStopStore;
  readonly waits: MongoWaitStore;
  readonly troubles: MongoTroubleStore;
}

/** Each attempt fails only if somebody else's change came in between. */
const CHANGE_TRIES = 50;

/** The service's own records; each part handles one kind. */
export class MongoServiceStore implements ServiceStore {
  readonly lanes: LaneStore;
  readonly sharedChats: SharedChatStore;
  readonly stops: StopStore;
  readonly waits: WaitStore;
  readonly troubles: TroubleStore;

  constructor(private readonly parts: ServiceParts) {
    this.lanes = guarded(parts.lanes);
    this.sharedChats = guarded<SharedChatStore>(parts.sharedChats);
    this.stops = guarded<StopStore>(parts.stops);
    this.waits = guarded<WaitStore>(parts.waits);
    this.troubles = guarded<TroubleStore>(parts.troubles);
  }

  async tenant(id: string): Promise<Tenant | undefined> {
    const row = await this.parts.tenants.row(id);
    return row === undefined ? undefined : tenantOf(row);
  }

  tenants(page: PageRequest): Promise<Page<Tenant>> {
    return this.parts.tenants.list(page);
  }

  tenantByHost(host: string): Promise<Tenant | undefined> {
    return this.parts.tenants.byHost(host);
  }

  async putTenant(
    id: string,
    settings: TenantSettings,
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }> {
    // Rejects an id that cannot name a database.
    databaseNameOf(this.parts.databasePrefix, id);
    const row = await this.parts.tenants.put(id, settings);
    this.parts.open.refresh(row);
    return { tenant: tenantOf(row), created: row.version === 1 };
  }

  async changeTenant(
    id: string,
    change: (settings: TenantSettings | undefined) => TenantSettings,
    { ifVersion, fields = [] }: NonNullable<Parameters<ServiceStore['changeTenant']>[2]> = {},
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }> {
    for (let tries = 0; tries < CHANGE_TRIES; tries += 1) {
      const before = await this.parts.tenants.row(id);
      if (ifVersion !== undefined && !isOf(before, ifVersion, fields)) {
        throw new StoreError('outdated', 'the settings were changed meanwhile');
      }
      const settings = change(before?.settings);
      if (before === undefined) return this.putTenant(id, settings);
      const row = await this.parts.tenants.putOver(before, settings);
      if (row === undefined) continue;
      this.parts.open.refresh(row);
      return { tenant: tenantOf(row), created: false };
    }
    throw new StoreError('conflict', 'the settings are changed by others all the time');
  }

  async removeTenant(id: string): Promise<boolean> {
    if (!(await this.parts.tenants.beginErasing(id))) return false;
    await this.finishErasing(id);
    return true;
  }

  /**
   * Every step can be repeated. The tenant's row is removed last, so that an interrupted removal is resumed.
   */
  async finishErasing(id: string): Promise<void> {
    const { open, keys, accounts, accountStates, lanes, stops, tenants } = this.parts;
    const row = await tenants.anyRow(id);
    open.end(id);
    await Promise.all([
      keys.removeTenant(id),
      accounts.removeTenant(id),
      accountStates.removeTenant(id),
      lanes.removeTenant(id),
      stops.removeTenant(id),
    ]);
    const database = open.databaseOf(row ?? { _id: id });
    await database.native.dropDatabase();
    database.letGo();
    await tenants.endErasing(id);
  }

  scope(tenantId: string): Promise<TenantScope | undefined> {
    return this.parts.open.scope(tenantId);
  }

  createKey(...args: Parameters<ServiceStore['createKey']>): ReturnType<ServiceStore['createKey']> {
    return this.parts.keys.create(...args);
  }

  holderOfKey(key: string): Promise<KeyHolder | undefined> {
    return this.parts.keys.holderOf(key);
  }

  keys(tenantId: string): Promise<readonly ApiKeyInfo[]> {
    return this.parts.keys.list(tenantId);
  }

  revokeKey(tenantId: string, keyId: string): Promise<boolean> {
    return this.parts.keys.revoke(tenantId, keyId);
  }

  accounts(): Promise<readonly AccountRecord[]> {
    return this.parts.accounts.all();
  }

  accountChanges(): Promise<number> {
    return this.parts.accounts.changes();
  }

  putAccount(account: Omit<AccountRecord, 'createdAt' | 'pairing' | 'isPaused'>): Promise<AccountRecord> {
    return this.parts.accounts.put(account);
  }

  async removeAccount(tenantId: string, accountId: string): Promise<boolean> {
    const isRemoved = await this.parts.accounts.remove(tenantId, accountId);
    if (isRemoved) {
      await this.parts.accountStates.removeAccount(accountId);
      await this.parts.sharedChats.removeAccount(accountId);
    }
    return isRemoved;
  }

  requestPairing(
    tenantId: string,
    accountId: string,
    request: PairingRequest,
  ): Promise<AccountRecord | undefined> {
    return this.parts.accounts.requestPairing(tenantId, accountId, request);
  }

  pauseAccount(tenantId: string, accountId: string, isPaused: boolean): Promise<AccountRecord | undefined> {
    return this.parts.accounts.pause(tenantId, accountId, isPaused);
  }

  accountState(tenantId: string, accountId: string, fence: number): Promise<AccountState> {
    return this.parts.accountStates.open(tenantId, accountId, fence);
  }

  putConnectionState(accountId: string, state: ConnectionState): Promise<void> {
    return this.parts.accounts.putConnectionState(accountId, state);
  }

  connectionStates(tenantId: string): ReturnType<ServiceStore['connectionStates']> {
    return this.parts.accounts.connectionStates(tenantId);
  }
}

/** Whether none of these fields has changed since that version; without fields, whether nothing has. */
function isOf(row: TenantRow | undefined, version: number, fields: readonly string[]): boolean {
  if (row === undefined || version > row.version) return false;
  return fields.length === 0 ? row.version === version : lastChangeOf(row, fields) <= version;
}
