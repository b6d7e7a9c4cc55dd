import type { AccountState, ConnectionState, PairingRequest } from '../channel.js';
import type { Permission } from '../permissions.js';
import type { TenantSettings } from '../settings.js';
import type { LaneStore } from './lanes.js';
import type { Page, PageRequest } from './page.js';
import type { SharedChatStore } from './shared-chats.js';
import type { StopStore } from './stops.js';
import type { TenantScope } from './tenant-scope.js';
import type { WaitStore } from './waits.js';

export interface Tenant {
  readonly id: string;
  readonly settings: TenantSettings;
  /** Counts changes to the settings, from 1. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  /** The first characters, for recognising the key. */
  readonly prefix: string;
  /** What the key may do; absent: everything. */
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
  /** Validated against the channel's schema when read. */
  readonly config: unknown;
  /** It neither connects nor sends until it is resumed; unsent messages are kept. */
  readonly isPaused?: boolean;
  /** The owner's latest request to pair it. */
  readonly pairing?: PairingRequest & { readonly at: Date };
  readonly createdAt: Date;
}

/** Trouble with connections of which staff were told. */
export interface TroubleStore {
  /** Since when there has been trouble: since `now`, unless it began earlier. */
  begin(accountId: string, now: Date): Promise<Date>;
  /** `undefined`: there is none. */
  since(accountId: string): Promise<Date | undefined>;
  /** Ends this trouble, but not one that began after it. */
  end(accountId: string, since: Date): Promise<void>;
}

/** The service's own records: tenants, keys and accounts. Used only by compose, HTTP and the CLI. */
export interface ServiceStore {
  readonly lanes: LaneStore;
  readonly sharedChats: SharedChatStore;
  readonly stops: StopStore;
  readonly waits: WaitStore;
  readonly troubles: TroubleStore;
  tenant(id: string): Promise<Tenant | undefined>;
  tenants(page: PageRequest): Promise<Page<Tenant>>;
  tenantByHost(host: string): Promise<Tenant | undefined>;
  /** Creates or updates; every process has the new state within a second. */
  putTenant(
    id: string,
    settings: TenantSettings,
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
  /**
   * Updates, or creates if missing: `change` receives the latest settings and is called again if another
   * writer was faster, so that no change is lost. With `ifVersion`, a change to one of the `fields` (or,
   * without fields, any change) after that version throws a `StoreError` of kind `outdated`.
   */
  changeTenant(
    id: string,
    change: (settings: TenantSettings | undefined) => TenantSettings,
    options?: { readonly ifVersion?: number; readonly fields?: readonly string[] },
  ): Promise<{ readonly tenant: Tenant; readonly created: boolean }>;
  /** Removes the tenant with its database, keys, accounts and lanes. */
  removeTenant(id: string): Promise<boolean>;
  /** The scope of an existing tenant; cached. */
  scope(tenantId: string): Promise<TenantScope | undefined>;
  /** The plain key is returned once; only its hash is stored. */
  createKey(
    tenantId: string,
    name: string,
    scopes?: readonly Permission[],
  ): Promise<{ readonly info: ApiKeyInfo; readonly key: string }>;
  /** Whose key it is and what it may do. Hashes are compared in constant time. */
  holderOfKey(key: string): Promise<KeyHolder | undefined>;
  keys(tenantId: string): Promise<readonly ApiKeyInfo[]>;
  revokeKey(tenantId: string, keyId: string): Promise<boolean>;
  accounts(): Promise<readonly AccountRecord[]>;
  /** Increases after each account change, so that followers need to read only one number. */
  accountChanges(): Promise<number>;
  /** `config` is encrypted at rest. An account with the same id is replaced. */
  putAccount(account: Omit<AccountRecord, 'createdAt' | 'pairing' | 'isPaused'>): Promise<AccountRecord>;
  removeAccount(tenantId: string, accountId: string): Promise<boolean>;
  /** `undefined`: no such account. */
  pauseAccount(tenantId: string, accountId: string, isPaused: boolean): Promise<AccountRecord | undefined>;
  /**
   * The owner wants to pair the account: the process that holds its connection reopens it. `undefined`: no
   * such account.
   */
  requestPairing(
    tenantId: string,
    accountId: string,
    request: PairingRequest,
  ): Promise<AccountRecord | undefined>;
  /** For the process that holds the account's connection; `fence` comes from its lane. */
  accountState(tenantId: string, accountId: string, fence: number): Promise<AccountState>;
  /** The last known state of a connection, for the API and `/status`. */
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
