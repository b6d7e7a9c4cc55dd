import type { OutboundMessage } from '../contracts/channel.js';
import { ChannelError } from '../contracts/channel.js';
import type { FindAccount, Rewrite } from '../contracts/chat.js';
import type { Logger } from '../contracts/runtime.js';
import type { Turn } from '../contracts/turn.js';
import { derivedId } from '../lib/ids/make-id.js';
import { withDeadline } from '../lib/work/with-deadline.js';
import { withNumbers } from './numbered-choices.js';
import { targetOf } from './outbound-of.js';

/** A progress update is not worth a longer wait, in ms. */
const PATIENCE_MS = 10_000;
/** An edit quotes nothing and is not a first answer. */
const LATER_BUBBLE = 1;

/** Updates the text of a sent message; the history keeps the original. */
export function createRewrite(deps: { readonly findAccount: FindAccount; readonly logger: Logger }): Rewrite {
  return async (scope, turnId, { text, buttons }) => {
    const turn = await scope.turns.get(turnId);
    if (turn === undefined) return 'not-yet';
    const connected = deps.findAccount(scope.tenantId, turn.accountId, turn.channel);
    if (connected?.channel.capabilities.edits !== true) return 'cannot';
    const messageId = lastMessageId(turn);
    if (messageId === undefined) return turn.status === 'done' ? 'cannot' : 'not-yet';
    const { channel, account } = connected;
    const bubble = { type: 'text', text, ...(buttons === undefined ? {} : { buttons }) } as const;
    const [numbered = bubble] = withNumbers([bubble], channel.capabilities, turn.answer);
    const message: OutboundMessage = {
      ...bubble,
      type: 'edit',
      // Each new text is an edit of its own: a phone shows one with a key it has seen only once.
      key: derivedId('edit', turnId, text),
      messageId,
      text: numbered.text,
    };
    try {
      await withDeadline(new AbortController().signal, PATIENCE_MS, (signal) =>
        channel.send(targetOf(turn, LATER_BUBBLE), message, account, signal),
      );
      return 'shown';
    } catch (error) {
      if (!(error instanceof ChannelError)) deps.logger.error({ error, turnId }, 'a message was not edited');
      return 'cannot';
    }
  };
}

/** The id of the last text bubble, once it has been sent. */
function lastMessageId({ answer, deliveries }: Turn): string | undefined {
  const index = answer.bubbles.findLastIndex(({ type }) => type === 'text');
  const delivery = deliveries[index];
  return delivery?.state === 'sent' ? delivery.receipt.messageId : undefined;
}
