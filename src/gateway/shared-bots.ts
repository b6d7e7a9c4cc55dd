import type { Channel, ChannelAccount, ChannelSharing, InboundEvent } from '../contracts/channel.js';
import type { Clock } from '../contracts/runtime.js';
import type { ServiceStore, SharedChatKey } from '../contracts/stores.js';
import type { Accounts, FoundAccount } from './accounts.js';
import { pressedAccount, isAnotherChoice, type SharedChatTexts } from './shared-chat-texts.js';

/** How long membership is cached, in ms; shorter for somebody found in no guild, since they may join one. */
const MEMBER_FOR_MS = 10 * 60_000;
const STRANGER_FOR_MS = 30_000;
const MOST_REMEMBERED = 10_000;
/** The longest an answer waits for this lookup, in ms. */
const LOOK_UP_MS = 5_000;
/** The question is repeated if somebody writes again after this, in ms. */
const ASK_AGAIN_MS = 2 * 60_000;

/** Hands an event to the business that owns an account. */
export type AcceptFor = (account: ChannelAccount, event: InboundEvent) => Promise<void>;

export interface SharedBotsDependencies {
  readonly accounts: Accounts;
  readonly service: Pick<ServiceStore, 'scope' | 'sharedChats'>;
  readonly texts: SharedChatTexts;
  readonly clock: Clock;
}

/** All accounts of one bot; the first one speaks while it is unclear which is meant. */
interface Bot {
  readonly name: string;
  readonly sharing: ChannelSharing<unknown>;
  readonly channel: Channel;
  readonly accounts: readonly ChannelAccount[];
  readonly speaker: ChannelAccount;
}

type Receiver =
  | { readonly type: 'account'; readonly account: ChannelAccount }
  /** In a private chat, several accounts could be meant. */
  | { readonly type: 'open'; readonly bot: Bot; readonly among: readonly ChannelAccount[] }
  /** The person has just chosen an account. */
  | { readonly type: 'chosen'; readonly bot: Bot; readonly account: ChannelAccount }
  | { readonly type: 'nobody'; readonly bot: Bot };

/**
 * Decides which business an event belongs to where several share a bot. A workspace belongs to one of them. A
 * private chat belongs to the business whose workspace the person is in; if there are several, the person is
 * asked. A staff code belongs to the business that created it.
 */
export class SharedBots {
  private readonly members = new Map<string, { readonly ids: readonly string[]; readonly untilMs: number }>();

  constructor(private readonly deps: SharedBotsDependencies) {}

  /** Exactly one of a shared bot's connections accepts each event. */
  async isOurs(account: ChannelAccount, event: InboundEvent): Promise<boolean> {
    const receiver = await this.receiverOf(account, event);
    if (receiver.type === 'account') return receiver.account.id === account.id;
    return event.workspaceId === undefined && receiver.bot.speaker.id === account.id;
  }

  /** Hands the event on, or asks the person which business it is for and keeps it until they answer. */
  async deliver(account: ChannelAccount, event: InboundEvent, accept: AcceptFor): Promise<void> {
    const receiver = await this.receiverOf(account, event);
    switch (receiver.type) {
      case 'account':
        await this.rememberClaim(receiver.account, event);
        return accept(receiver.account, event);
      case 'chosen':
        return this.choose(receiver, event, accept);
      case 'open':
        return this.ask(receiver, event);
      case 'nobody':
        if (event.workspaceId === undefined && isSaid(event))
          await this.deps.texts.sayNone(receiver.bot, event);
        return undefined;
      default:
        return receiver satisfies never;
    }
  }

  private async receiverOf(account: ChannelAccount, event: InboundEvent): Promise<Receiver> {
    const bot = this.botOf(account);
    if (bot === undefined) return { type: 'account', account };
    const everywhere = bot.accounts.find(({ config }) => bot.sharing.workspacesOf(config).length === 0);
    if (bot.accounts.length === 1 && everywhere !== undefined) return { type: 'account', account };
    const { workspaceId } = event;
    const owner =
      workspaceId === undefined
        ? await this.claimedFrom(bot, event)
        : (bot.accounts.find(({ config }) => bot.sharing.workspacesOf(config).includes(workspaceId)) ??
          everywhere);
    if (owner !== undefined) return { type: 'account', account: owner };
    return workspaceId === undefined ? this.inPrivate(bot, everywhere, event) : { type: 'nobody', bot };
  }

  private async inPrivate(
    bot: Bot,
    everywhere: ChannelAccount | undefined,
    event: InboundEvent,
  ): Promise<Receiver> {
    const { accountId } = await this.deps.service.sharedChats.read(keyOf(bot, event));
    const knownIds = await this.knownTo(bot, event.sender.id);
    const among = bot.accounts.filter(({ id }) => id === accountId || knownIds.includes(id));
    const picked = among.find(({ id }) => id === pressedAccount(event, among));
    if (picked !== undefined) return { type: 'chosen', bot, account: picked };
    const [only = everywhere, ...others] = among;
    if (only === undefined) return { type: 'nobody', bot };
    if (others.length === 0) return { type: 'account', account: only };
    const account = isAnotherChoice(event) ? undefined : among.find(({ id }) => id === accountId);
    return account === undefined ? { type: 'open', bot, among } : { type: 'account', account };
  }

  private botOf(account: ChannelAccount): Bot | undefined {
    const match = this.deps.accounts.accountFor(account.channel, account.id);
    const sharing = match?.channel.sharing;
    if (match === undefined || sharing === undefined) return undefined;
    const name = sharing.botOf(account.config);
    const accounts = this.deps.accounts
      .on(account.channel)
      .filter((other: FoundAccount) => sharing.botOf(other.account.config) === name)
      .map((other: FoundAccount) => other.account)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const [speaker = account] = accounts;
    return { name, sharing, channel: match.channel, accounts, speaker };
  }

  /** Ids of accounts that serve a workspace the person is in. */
  private async knownTo(bot: Bot, userId: string): Promise<readonly string[]> {
    const { clock } = this.deps;
    const served = bot.accounts.map(({ id, config }) => [id, ...bot.sharing.workspacesOf(config)].join());
    const key = [bot.name, userId, ...served].join(' ');
    const remembered = this.members.get(key);
    if (remembered !== undefined && remembered.untilMs > clock.monotonicMs()) return remembered.ids;
    const signal = AbortSignal.timeout(LOOK_UP_MS);
    const isIn = async (account: ChannelAccount): Promise<boolean> => {
      for (const workspace of bot.sharing.workspacesOf(account.config)) {
        if (await bot.sharing.isMember(userId, workspace, account, signal)) return true;
      }
      return false;
    };
    const memberships = await Promise.all(
      bot.accounts.map(async (one) => ((await isIn(one)) ? [one.id] : [])),
    );
    const ids = memberships.flat();
    const untilMs = clock.monotonicMs() + (ids.length > 0 ? MEMBER_FOR_MS : STRANGER_FOR_MS);
    this.members.set(key, { ids, untilMs });
    const [oldest] = this.members.keys();
    if (this.members.size > MOST_REMEMBERED && oldest !== undefined) this.members.delete(oldest);
    return ids;
  }

  /** The account whose business created the staff code in this message. */
  private async claimedFrom(bot: Bot, event: InboundEvent): Promise<ChannelAccount | undefined> {
    if (!isClaim(event)) return undefined;
    for (const account of bot.accounts) {
      const scope = await this.deps.service.scope(account.tenantId);
      const now = this.deps.clock.now();
      if (await scope?.codes.knows('claim-staff', event.argumentText.trim(), now)) return account;
    }
    return undefined;
  }

  /** Somebody who became staff of a business in a private chat talks to that business from then on. */
  private async rememberClaim(account: ChannelAccount, event: InboundEvent): Promise<void> {
    if (!isClaim(event) || event.workspaceId !== undefined) return;
    const bot = this.botOf(account);
    if (bot === undefined || bot.accounts.length === 1) return;
    const claimed = await this.claimedFrom(bot, event);
    if (claimed !== undefined) await this.deps.service.sharedChats.choose(keyOf(bot, event), claimed.id);
  }

  private async choose(
    { bot, account }: Extract<Receiver, { type: 'chosen' }>,
    event: InboundEvent,
    accept: AcceptFor,
  ): Promise<void> {
    const { sharedChats } = this.deps.service;
    const key = keyOf(bot, event);
    await sharedChats.choose(key, account.id);
    await this.deps.texts.confirmChoice(bot, account, event);
    const { held } = await sharedChats.read(key);
    for (const each of held) await accept(account, each);
    await sharedChats.release(key);
  }

  private async ask({ bot, among }: Extract<Receiver, { type: 'open' }>, event: InboundEvent): Promise<void> {
    if (!isSaid(event)) return;
    const { sharedChats } = this.deps.service;
    const key = keyOf(bot, event);
    const { held } = await sharedChats.read(key);
    if (!isAnotherChoice(event)) await sharedChats.hold(key, event);
    const last = held.at(-1);
    const wasAsked =
      last !== undefined && this.deps.clock.now().getTime() - last.sentAt.getTime() < ASK_AGAIN_MS;
    if (!wasAsked || event.type === 'command' || last.eventId === event.eventId) {
      await this.deps.texts.ask(bot, among, event);
    }
  }
}

function keyOf(bot: Bot, { sender }: InboundEvent): SharedChatKey {
  return { bot: `${bot.channel.name}:${bot.name}`, userId: sender.id };
}

function isSaid({ type }: InboundEvent): boolean {
  return type === 'message' || type === 'command';
}

function isClaim(event: InboundEvent): event is Extract<InboundEvent, { type: 'command' }> {
  return event.type === 'command' && event.name === 'claim';
}
