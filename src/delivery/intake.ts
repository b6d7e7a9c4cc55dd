import type { ChannelAccount, InboundEvent } from '../contracts/channel.js';
import type { AcceptOutcome, Intake } from '../contracts/chat.js';
import type { Events } from '../contracts/events.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Clock } from '../contracts/runtime.js';
import type { Contact, Conversation, Recalled, TenantScope } from '../contracts/stores.js';
import type { InboxEvent, Turn } from '../contracts/turn.js';
import type { AnswerBoard } from './answer-board.js';
import type { AnswersUnderWay } from './answers-under-way.js';
import { conversationIdOf } from '../lib/ids/conversation-id.js';
import { partText } from '../lib/text/part-text.js';
import { conversationOf } from './conversation-of.js';
import type { AtCrashPoint } from './crash-point.js';
import type { Arrival, EnteredLane } from './lane-worker.js';

/** After this, any process may pick up a lane nobody has claimed, in ms. */
const UNCLAIMED_AFTER_MS = 3_000;

export interface IntakeDependencies {
  /** Ensures that the event's lane exists before the event is stored. */
  readonly enter: (tenantId: string, conversationId: string, dueAt: Date) => EnteredLane;
  readonly board: AnswerBoard;
  /** Whether this process is at work on the conversation. */
  readonly worksOn: (tenantId: string, conversationId: string) => boolean;
  readonly underWay: Pick<AnswersUnderWay, 'stop'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly at: AtCrashPoint;
}

type AcceptOptions = NonNullable<Parameters<Intake['accept']>[3]>;

export function createIntake(deps: IntakeDependencies): Intake {
  return {
    async accept(scope, account, event, options = {}) {
      const isWanted =
        (isForUs(event) && (await isOfOurs(scope, account, event))) ||
        (await isAtDesk(scope, account, event));
      const outcome = isWanted ? await accept(deps, scope, account, event, options) : IGNORED;
      deps.metrics.count('sapa_inbound_events_total', { channel: account.channel, outcome: outcome.type });
      return outcome;
    },
    answered(scope, { eventKey, conversationId }, signal): Promise<Turn> {
      return deps.board.wait(scope, eventKey, signal, () => deps.worksOn(scope.tenantId, conversationId));
    },
    stop: (scope, eventKey) => deps.underWay.stop(scope, eventKey),
  };
}

const IGNORED: AcceptOutcome = { type: 'ignored' };

function isForUs(event: InboundEvent): boolean {
  // Never answer another bot: the two would go on forever.
  if (event.sender.isBot) return false;
  return event.type === 'message' || event.type === 'command' ? event.addressed : true;
}

/** In a thread that mirrors a conversation, every message is for the customer, with or without a mention. */
async function isAtDesk(scope: TenantScope, account: ChannelAccount, event: InboundEvent): Promise<boolean> {
  if (event.sender.isBot || event.type !== 'message' || event.chat.topicId === undefined) return false;
  const conversation = await scope.conversations.get(conversationIdOf(account.id, event.chat));
  return conversation?.attends !== undefined;
}

/** What group members write among themselves is never stored, and neither are their edits. */
async function isOfOurs(scope: TenantScope, account: ChannelAccount, event: InboundEvent): Promise<boolean> {
  const changes = event.type === 'delete' || (event.type === 'edit' && !event.addressed);
  if (!changes || event.chat.kind === 'direct') return true;
  const versions = await scope.inbox.versions(conversationIdOf(account.id, event.chat), event.messageId);
  return versions.length > 0;
}

async function accept(
  deps: IntakeDependencies,
  scope: TenantScope,
  account: ChannelAccount,
  event: InboundEvent,
  options: AcceptOptions,
): Promise<AcceptOutcome> {
  const now = deps.clock.now();
  const eventKey = `${account.id}:${event.eventId}`;
  const { chat } = event;
  const conversationId = options.conversationId ?? conversationIdOf(account.id, chat);
  const dueAt = new Date(now.getTime() + UNCLAIMED_AFTER_MS);
  const lane = deps.enter(scope.tenantId, conversationId, dueAt);
  // Awaited below; a failure until then must not become an unhandled rejection.
  lane.marked.catch(() => undefined);
  let arrival: Arrival | undefined;
  try {
    const { id: accountId, channel } = account;
    const writer = await whoWrites(scope, account, conversationId, event, now);
    const { contact } = writer;
    deps.at('before-inbox');
    const arrived = { accountId, channel, conversationId, contactId: contact.id, event, receivedAt: now };
    // The caller hears "accepted" only when all three are durable. Whatever a crash leaves behind is
    // harmless: an empty lane is removed, an event without one was not acknowledged and is sent again, and a
    // missing conversation is recreated from its first event.
    const [, conversation, { stored, duplicate }] = await Promise.all([
      lane.marked,
      writer.conversation ?? scope.conversations.ensure(conversationOf(arrived)),
      scope.inbox.accept({
        ...arrived,
        key: eventKey,
        ...(options.bodyHash === undefined ? {} : { bodyHash: options.bodyHash }),
      }),
    ]);
    deps.at('after-inbox');
    if (duplicate && stored.bodyHash !== options.bodyHash) return { type: 'conflict' };
    if (options.listener !== undefined) deps.board.listen(scope, eventKey, options.listener);
    if (!duplicate) {
      arrival = { item: stored, conversation, contact, recalled: writer.recalled };
      noteArrival(deps.metrics, arrived);
    }
    return {
      type: duplicate ? 'duplicate' : 'accepted',
      eventKey,
      conversationId: stored.conversationId,
    };
  } finally {
    lane.go(arrival);
    if (arrival !== undefined) await announce(deps.events, scope, arrival);
  }
}

/** A press carries the time of the message that has the button, not its own. */
function noteArrival(
  metrics: Metrics,
  { channel, event, receivedAt }: Pick<InboxEvent, 'channel' | 'event' | 'receivedAt'>,
): void {
  if (event.type !== 'message' && event.type !== 'command') return;
  const seconds = Math.max(0, receivedAt.getTime() - event.sentAt.getTime()) / 1000;
  metrics.observe('sapa_arrival_seconds', seconds, { channel });
}

interface KnownSender {
  readonly contact: Contact;
  /** Absent if it does not exist yet. */
  readonly conversation?: Conversation | undefined;
  readonly recalled?: Recalled;
}

/**
 * The contact and the conversation; from memory for a plain message, which has no effect before its answer is
 * settled.
 */
async function whoWrites(
  { contacts, conversations }: TenantScope,
  { id: accountId, channel }: ChannelAccount,
  conversationId: string,
  event: InboundEvent,
  at: Date,
): Promise<KnownSender> {
  const { id: userId, name } = event.sender;
  const sender = { channel, accountId, userId };
  const recalled = event.type === 'message' ? conversations.recall(conversationId, sender, at) : undefined;
  if (recalled !== undefined) return { ...recalled, recalled };
  const [conversation, contact] = await Promise.all([
    conversations.get(conversationId),
    contacts.ensure({ ...sender, ...(name === undefined ? {} : { name }), at }),
  ]);
  if (conversation !== undefined) conversations.remember(conversation, sender, contact);
  return { contact, conversation };
}

/** Runs after the lane is released, so that the answer does not wait for it. */
async function announce(events: Events, scope: TenantScope, { item, contact }: Arrival): Promise<void> {
  const { event, conversationId, channel, receivedAt } = item;
  if (contact.createdAt.getTime() === receivedAt.getTime()) {
    await events.emit(scope, 'contact.created', { id: contact.id, name: contact.name ?? null, channel });
  }
  if (event.type !== 'message' && event.type !== 'command') return;
  await events.emit(scope, 'message.received', {
    conversation_id: conversationId,
    contact_id: contact.id,
    channel,
    text:
      event.type === 'message'
        ? event.parts.map(partText).join('\n')
        : `/${event.name} ${event.argumentText}`.trim(),
  });
}
