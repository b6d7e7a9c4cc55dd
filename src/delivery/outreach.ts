import type { Outreach } from '../contracts/chat.js';
import type { Clock } from '../contracts/runtime.js';
import type { Conversation, LaneStore, TenantScope } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';
import { derivedId } from '../lib/make-id.js';
import { splitText } from '../lib/split-text.js';
import type { FindAccount } from './conversation-work.js';

/** A commit that takes longer than this has failed, in ms. */
const COMMITTED_WITHIN_MS = 120_000;

export interface OutreachDependencies {
  readonly lanes: LaneStore;
  readonly findAccount: FindAccount;
  readonly wake: (tenantId: string, conversationId: string) => void;
  readonly clock: Clock;
}

export function createOutreach(deps: OutreachDependencies): Outreach {
  return {
    async say(scope, conversationId, key, text, source) {
      const conversation = await scope.conversations.get(conversationId);
      if (conversation === undefined) return undefined;
      const turn = makeTurn(deps, scope, conversation, key, text, source);
      // Should this process die after the commit, the lane is looked at again: no store takes longer.
      const now = deps.clock.now();
      await deps.lanes.mark(
        scope.tenantId,
        conversationId,
        now,
        new Date(now.getTime() + COMMITTED_WITHIN_MS),
      );
      const committed = await scope.turns.commit(turn);
      deps.wake(scope.tenantId, conversationId);
      return committed ? turn : scope.turns.answering(sayKey(key));
    },
  };
}

function sayKey(key: string): string {
  return `say:${key}`;
}

function makeTurn(
  deps: OutreachDependencies,
  scope: TenantScope,
  conversation: Conversation,
  key: string,
  text: string,
  source: 'human' | 'command',
): Turn {
  const { id: conversationId, accountId, channel, contactId } = conversation;
  const found = deps.findAccount(scope.tenantId, accountId, channel);
  const pushed = found === undefined || found.channel.capabilities.delivery === 'push';
  const limit = found?.channel.capabilities.textLimit ?? scope.settings.bubbles.max_chars;
  const now = deps.clock.now();
  const bubbles = splitText(text, limit).map((part) => ({ type: 'text', text: part }) as const);
  return {
    id: derivedId('t', scope.tenantId, sayKey(key)),
    conversationId,
    contactId,
    accountId,
    channel,
    chat: conversation.chat,
    origin: source === 'human' ? { type: 'staff' } : { type: 'outreach' },
    eventIds: [sayKey(key)],
    input: '',
    answer: {
      text,
      bubbles,
      source,
      citations: [],
      locale: conversation.locale ?? scope.settings.locale,
      model: 'none',
      usage: { inputTokens: 0, outputTokens: 0, costMicros: 0 },
    },
    deliveries: bubbles.map(() =>
      pushed ? { state: 'pending' } : { state: 'sent', receipt: { sentAt: now }, wasInDoubt: false },
    ),
    status: pushed ? 'waiting' : 'done',
    createdAt: now,
    tookMs: 0,
  };
}
