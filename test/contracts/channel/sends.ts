import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { ChannelError, type ChannelErrorKind } from '../../../src/contracts/channel.js';
import { naughtyPath, naughtyStrings } from './hostile-texts.js';
import { kindOf, textMessage, type Bed } from './testbed.js';

const ERROR_KINDS: readonly ChannelErrorKind[] = [
  'rate-limited',
  'unauthorized',
  'gone',
  'rejected',
  'unreachable',
];

/** For tests that send hundreds of messages on a busy machine. */
const LONG_TEST_MS = 120_000;

/** Tests the outcome of sending a message. */
export function sends<Config>(bed: Bed<Config>): void {
  const send = (text: string, signal = new AbortController().signal) => {
    const { channel, target, account } = bed();
    return channel.send(target, textMessage(text), account, signal);
  };

  it('delivers a text once and returns its id', async (context) => {
    const { seen } = bed();
    if (!seen) return context.skip();
    const receipt = await send('Kami buka pukul 9.');
    expect(await seen()).toEqual([{ messageId: receipt.messageId, text: 'Kami buka pukul 9.' }]);
    expect(Number.isNaN(receipt.sentAt.getTime())).toBe(false);
  });

  it('delivers texts in the order they are sent', async (context) => {
    const { seen } = bed();
    if (!seen) return context.skip();
    for (const text of ['one', 'two', 'three']) await send(text);
    expect((await seen()).map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it.skipIf(!existsSync(naughtyPath))(
    'delivers every naughty string or reports why not (skipped without the data set)',
    { timeout: LONG_TEST_MS },
    async (context) => {
      const { seen } = bed();
      if (!seen) return context.skip();
      let delivered = 0;
      // A platform that shows repeated messages once would merge duplicates, so each text is sent only once.
      for (const text of new Set(naughtyStrings())) {
        const outcome = await send(text).then(() => 'sent', kindOf);
        if (/[^\p{C}\p{Z}]/u.test(text)) expect([text, outcome]).toEqual([text, 'sent']);
        if (outcome === 'sent') delivered++;
      }
      expect((await seen()).length).toBe(delivered);
    },
  );

  it('shows a typing indicator if the platform has one', async (context) => {
    const { channel, target, account, seen } = bed();
    if (!seen || !channel.capabilities.typing) return context.skip();
    const receipt = await channel.send(target, { type: 'typing' }, account, new AbortController().signal);
    expect(receipt.messageId).toBeUndefined();
    expect(await seen()).toEqual([]);
  });

  it.each(ERROR_KINDS)('reports a send that is %s as such, without the credential', async (kind) => {
    const { failNextSend, secrets } = bed();
    if (!failNextSend?.(kind)) return;
    const error = await send('hello').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ChannelError);
    expect(kindOf(error)).toBe(kind);
    if (kind === 'rate-limited') expect((error as ChannelError).retryAfterMs).toBeGreaterThan(0);
    for (const secret of secrets)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
  });

  it('abandons a send when it is aborted', async (context) => {
    if (!bed().seen) return context.skip();
    expect(await send('hello', AbortSignal.abort()).then(() => 'sent', kindOf)).toBe('unreachable');
  });

  it('delivers a repeated key once if it promises deduplication', async (context) => {
    const { channel, seen } = bed();
    if (!seen || channel.capabilities.repeatedSend !== 'deduplicated') return context.skip();
    await send('once');
    await send('once');
    expect(await seen()).toHaveLength(1);
  });
}
