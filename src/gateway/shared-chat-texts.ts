import type {
  Channel,
  ChannelAccount,
  InboundEvent,
  OutboundMessage,
  SendTarget,
} from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import { escapeMarkdown } from '../lib/text/escape-markdown.js';
import { derivedId } from '../lib/ids/make-id.js';

const PATIENCE_MS = 10_000;
/** The command that asks again which business a private chat is for. */
const ANOTHER = 'business';

interface Speaking {
  readonly channel: Channel;
  readonly speaker: ChannelAccount;
}

export interface SharedChatTextsDependencies {
  readonly service: Pick<ServiceStore, 'scope'>;
  readonly i18n: I18n;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The messages a shared bot sends before it knows which business it speaks for. */
export class SharedChatTexts {
  constructor(private readonly deps: SharedChatTextsDependencies) {}

  async ask(from: Speaking, among: readonly ChannelAccount[], event: InboundEvent): Promise<void> {
    const t = await this.translatorFor(from, event);
    const buttons = await Promise.all(
      among.map(async (account) => [{ label: await this.nameOf(account), action: actionOf(account) }]),
    );
    await this.say(from, event, { text: t('channels.shared.ask'), buttons });
  }

  async sayNone(from: Speaking, event: InboundEvent): Promise<void> {
    const t = await this.translatorFor(from, event);
    await this.say(from, event, { text: t('channels.shared.none') });
  }

  /** Answers a button press by confirming which business was chosen. */
  async confirmChoice(from: Speaking, account: ChannelAccount, event: InboundEvent): Promise<void> {
    if (event.type !== 'action' || event.interactionToken === undefined) return;
    const t = await this.translatorFor(from, event);
    const text = t('channels.shared.chosen', { name: escapeMarkdown(await this.nameOf(account)) });
    const { interactionToken } = event;
    await this.send(from, { chat: event.chat }, { type: 'acknowledge', interactionToken, text });
  }

  private say(
    from: Speaking,
    event: InboundEvent,
    content: Pick<Extract<OutboundMessage, { type: 'text' }>, 'text' | 'buttons'>,
  ): Promise<void> {
    const token = event.type === 'command' ? event.interactionToken : undefined;
    const receivedAt = this.deps.clock.now();
    const interaction = token === undefined ? {} : { interaction: { token, receivedAt, isFirst: true } };
    const message = { type: 'text', key: `shared:${event.eventId}`, ...content } as const;
    return this.send(from, { chat: event.chat, ...interaction }, message);
  }

  /** Throws if sending can be retried: the event is then delivered again. */
  private async send(
    { channel, speaker }: Speaking,
    target: SendTarget,
    message: OutboundMessage,
  ): Promise<void> {
    try {
      await channel.send(target, message, speaker, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      const passes =
        error instanceof ChannelError && (error.kind === 'rate-limited' || error.kind === 'unreachable');
      if (passes) throw error;
      this.deps.logger.warn({ error, accountId: speaker.id }, 'a shared bot could not say whom it asks for');
    }
  }

  private async translatorFor({ speaker }: Speaking, { sender }: InboundEvent): Promise<Translate> {
    const scope = await this.deps.service.scope(speaker.tenantId);
    const locale = this.deps.i18n.match(sender.languageTag) ?? scope?.settings.locale ?? 'en';
    return this.deps.i18n.translator(locale);
  }

  private async nameOf({ tenantId }: ChannelAccount): Promise<string> {
    return (await this.deps.service.scope(tenantId))?.settings.name ?? tenantId;
  }
}

/** The account named by a press of one of our buttons. */
export function pressedAccount(event: InboundEvent, among: readonly ChannelAccount[]): string | undefined {
  return event.type === 'action' ? among.find((one) => actionOf(one) === event.action)?.id : undefined;
}

export function isAnotherChoice(event: InboundEvent): boolean {
  return event.type === 'command' && event.name === ANOTHER;
}

/** Account ids may be too long for a button's data. */
function actionOf({ id }: ChannelAccount): string {
  return derivedId('business', id);
}
