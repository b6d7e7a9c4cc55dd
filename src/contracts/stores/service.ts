import type { AccountState, ConnectionState, PairingRequest } from '../channel.js';
import type { Permission } from '../permissions.js';
import type { TenantSettings } from '../settings.js';
import type { LaneStore } from './lanes.js';
import type { Page, PageRequest } from './page.js';
import type { SharedChatStore } from './shared-chats.js';
import type { TenantScope } from './tenant-scope.js';

export interface Tenant {
  readonly id: string;
  readonly settings: TenantSettings;
  /** Counts changes of the settings, from 1. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  /** First characters, to recognise it by. */
  readonly prefix: string;
  /** What it may do; absent: everything. */
  readonly scopes?: readonly Permission[];
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

/** `scopes` absent: everything. */
export interface KeyHolder {
  readonly tenantId: string;
  readonly keyId: string;
  readonly scopes?: readonly Permission[];
}

export interface AccountRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly channel: string;
  /** Validated by the channel's schema when it is read. */
  readonly config: unknown;
  /** It neither connects nor sends until somebody resumes it; what waits to be sent is kept. */
  readonly isPaused?: boolean;
  /** The owner's last wish to pair it. */
  readonly pairing?: PairingRequest & { readonly at: Date };
  readonly createdAt: Date;
}

/** The service's own records: tenants, keys, accounts. Only composition, HTTP and the CLI hold it. */
export interface ServiceStore {
  readonly lanes: LaneStore;
  readonly sharedChats: SharedChatStore;
  tenant(id: string): Promise<Tenant | undefined>;
  tenants(page: PageRequest): Promise<Page<Tenant>>;
  tenantByHost(host: string): Promise<Tenant | undefined>;
  /** Creates or changes; keeps a per-process snapshot current within a second everywhere. */
  putTenant(
    id: string,
    settings: TenantSettings,
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
  /**
   * Changes what is there, or creates it: `change` is given the newest settings, and called again
   * when another writer was faster, so that neither change is lost. With `ifVersion` a change of one
   * of the `fields` after that version is a `StoreError` of kind `outdated`, without fields any change.
   */
  changeTenant(
    id: string,
    change: (settings: TenantSettings | undefined) => TenantSettings,
    options?: { readonly ifVersion?: number; readonly fields?: readonly string[] },
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
  /** Removes the tenant, its database, keys, accounts and lanes. */
  removeTenant(id: string): Promise<boolean>;
  /** The scope of an existing tenant, cached. */
  scope(tenantId: string): Promise<TenantScope | undefined>;
  /** The key in clear is returned once and only its hash is kept. */
  createKey(
    tenantId: string,
    name: string,
    scopes?: readonly Permission[],
  ): Promise<{ readonly info: ApiKeyInfo; readonly key: string }>;
  /** Whose key it is and what it may do; constant-time comparison of hashes. */
  holderOfKey(key: string): Promise<KeyHolder | undefined>;
  keys(tenantId: string): Promise<readonly ApiKeyInfo[]>;
  revokeKey(tenantId: string, keyId: string): Promise<boolean>;
  accounts(): Promise<readonly AccountRecord[]>;
  /** Grows after each change of any account, so that who follows them reads one number. */
  accountChanges(): Promise<number>;
  /** `config` is encrypted at rest. The same id is replaced. */
  putAccount(account: Omit<AccountRecord, 'createdAt' | 'pairing' | 'isPaused'>): Promise<AccountRecord>;
  removeAccount(tenantId: string, accountId: string): Promise<boolean>;
  /** `undefined`: no such account. */
  pauseAccount(tenantId: string, accountId: string, isPaused: boolean): Promise<AccountRecord | undefined>;
  /** The owner wants to pair it: whoever holds its connection opens it anew. `undefined`: no such account. */
  requestPairing(
    tenantId: string,
    accountId: string,
    request: PairingRequest,
  ): Promise<AccountRecord | undefined>;
  /** For the process that holds the account's connection; `fence` is that of its lane. */
  accountState(tenantId: string, accountId: string, fence: number): Promise<AccountState>;
  /** Last known state of a connection, for API and `/status`. */
  putConnectionState(accountId: string, state: ConnectionState): Promise<void>;
  connectionStates(tenantId: string): Promise<
    readonly {
      readonly accountId: string;
      readonly channel: string;
      readonly state: ConnectionState;
      readonly at: Date;
    }[]
  >;
}
