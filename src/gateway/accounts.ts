import type { Channel } from '../contracts/channel.js';
import type { Connected } from '../contracts/chat.js';
import type { Logger } from '../contracts/runtime.js';
import type { AccountRecord, ServiceStore } from '../contracts/stores.js';

/** Accounts every business has without adding them, with their channels. */
export type BuiltInAccounts = ReadonlyMap<string, Channel>;

export type FoundAccount = Connected;

/** A paused account counts as absent, except that its people are not told it is gone. */
type AccountEntry = FoundAccount & { readonly isPaused: boolean };

/** The channel accounts of all businesses, with settings validated against their channels' schemas. */
export class Accounts {
  private accounts = new Map<string, AccountEntry>();

  constructor(
    private readonly deps: {
      readonly service: ServiceStore;
      readonly channels: readonly Channel[];
      readonly builtIn: BuiltInAccounts;
      readonly logger: Logger;
    },
  ) {}

  /**
   * Reloads all accounts. Those with invalid settings are reported and left out; paused ones are left out
   * silently.
   */
  async reload(): Promise<readonly AccountRecord[]> {
    const next = new Map<string, AccountEntry>();
    const usable: AccountRecord[] = [];
    for (const record of await this.deps.service.accounts()) {
      const channel = this.deps.channels.find((item) => item.name === record.channel);
      const config = channel?.configSchema.safeParse(record.config);
      if (channel === undefined || config?.success !== true) {
        this.deps.logger.error(
          { accountId: record.id },
          'a channel account has wrong settings and is left out',
        );
        continue;
      }
      const { id, tenantId } = record;
      const isPaused = record.isPaused === true;
      next.set(id, {
        channel,
        account: { id, tenantId, channel: channel.name, config: config.data },
        isPaused,
      });
      if (!isPaused) usable.push(record);
    }
    this.accounts = next;
    return usable;
  }

  /** The account a platform names in its call, whichever business it belongs to. */
  accountFor(channelName: string, accountId: string): FoundAccount | undefined {
    const account = this.accounts.get(accountId);
    return account?.channel.name === channelName && !account.isPaused ? account : undefined;
  }

  /** All active accounts on a platform, of any business. */
  on(channelName: string): readonly FoundAccount[] {
    return [...this.accounts.values()].filter(
      ({ channel, isPaused }) => channel.name === channelName && !isPaused,
    );
  }

  /** An account of this business; another business's account counts as absent. */
  find(tenantId: string, accountId: string, channelName: string): FoundAccount | undefined {
    const builtIn = this.deps.builtIn.get(accountId);
    if (builtIn !== undefined) {
      return { channel: builtIn, account: { id: accountId, tenantId, channel: channelName, config: {} } };
    }
    const account = this.accounts.get(accountId);
    return account?.account.tenantId === tenantId && !account.isPaused ? account : undefined;
  }
}
