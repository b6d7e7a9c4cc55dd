import type { ChannelCapabilities } from '../contracts/channel.js';
import type { FindAccount, Outreach, OutreachContent } from '../contracts/chat.js';
import type { Clock } from '../contracts/runtime.js';
import type { Conversation, LaneStore, TenantScope } from '../contracts/stores.js';
import type { Bubble, Turn, TurnOrigin } from '../contracts/turn.js';
import { derivedId } from '../lib/ids/make-id.js';
import { splitText } from '../lib/text/split-text.js';
import { withNumbers } from './numbered-choices.js';

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
    findByKey: (scope, key) => scope.turns.answering(sayKey(key)),

    async say(scope, conversationId, key, content, source, origin) {
      const conversation = await scope.conversations.get(conversationId);
      if (conversation === undefined) return undefined;
      const message = typeof content === 'string' ? { text: content } : content;
      const turn = makeTurn(deps, scope, conversation, key, message, { source, origin });
      // If this process dies after the commit, the lane is looked at again; no commit takes longer than that.
      const now = deps.clock.now();
      await deps.lanes.mark(
        scope.tenantId,
        conversationId,
        now,
        new Date(now.getTime() + COMMITTED_WITHIN_MS),
      );
      const committed = await scope.turns.commit(turn);
      // Tells processes that remember the conversation that something was said.
      const role = source === 'human' ? 'staff' : 'assistant';
      if (committed)
        await scope.conversations.settle(conversationId, { last: { role, text: turn.answer.text, at: now } });
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
  content: OutreachContent,
  { source, origin }: { readonly source: 'human' | 'command'; readonly origin: TurnOrigin | undefined },
): Turn {
  const { id: conversationId, accountId, channel, contactId } = conversation;
  const connected = deps.findAccount(scope.tenantId, accountId, channel);
  const capabilities = connected?.channel.capabilities;
  const pushed = capabilities === undefined || capabilities.delivery === 'push';
  const now = deps.clock.now();
  const bubbles = bubblesOf(content, capabilities, scope.settings.bubbles.max_chars);
  return {
    id: derivedId('t', scope.tenantId, sayKey(key)),
    conversationId,
    contactId,
    accountId,
    channel,
    chat: conversation.chat,
    origin: origin ?? (source === 'human' ? { type: 'staff' } : { type: 'outreach' }),
    eventIds: [sayKey(key)],
    input: '',
    answer: {
      text: content.text,
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

function bubblesOf(
  { text, buttons, files = [] }: OutreachContent,
  capabilities: ChannelCapabilities | undefined,
  maxCharacters: number,
): readonly Bubble[] {
  const limit = capabilities?.textLimit ?? maxCharacters;
  const texts = text === '' ? [] : splitText(text, limit);
  const sendable = capabilities?.files === false ? [] : files;
  const parts = [
    ...texts.map((part): Bubble => ({ type: 'text', text: part })),
    ...sendable.map((file): Bubble => ({ type: 'file', text: '', file })),
  ];
  const withButtons = parts.map((bubble, index) =>
    buttons === undefined || index < parts.length - 1 ? bubble : { ...bubble, buttons },
  );
  return capabilities === undefined ? withButtons : withNumbers(withButtons, capabilities);
}
