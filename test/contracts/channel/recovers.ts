import { expect, it } from 'vitest';
import { kindOf, textMessage, type Bed } from './testbed.js';

/** Tests that a sent message whose reply was lost can be found again. */
export function recovers<Config>(bed: Bed<Config>): void {
  const { signal } = new AbortController();

  it('finds a message whose reply was lost, and reports no other', async (context) => {
    const { channel, account, target, seen, loseNextReply } = bed();
    if (!channel.recovery || !loseNextReply || !seen) return context.skip();
    const first = await channel.send(target, textMessage('first'), account, signal);
    const after = first.messageId ?? '';
    expect(await channel.recovery.findSent(target, { after }, account, signal)).toBe('not-found');
    loseNextReply();
    expect(
      await channel.send(target, textMessage('second'), account, signal).then(() => 'sent', kindOf),
    ).toBe('unreachable');
    const visible = await seen();
    expect(await channel.recovery.findSent(target, { after }, account, signal)).toMatchObject({
      messageId: visible.at(-1)?.messageId,
    });
    expect(await seen()).toEqual(visible);
  });
}
