import { expect, it } from 'vitest';
import type { BubbleDelivery } from '../../../src/contracts/turn.js';
import { answerOf, HOSTILE_STRINGS, newScope, turn, type StoresUnderTest } from './under-test.js';

function sending(owner: string): BubbleDelivery {
  return { state: 'sending', owner, since: new Date(1000), attempt: 1 };
}

const SENDING = sending('a');

function sent(messageId: string, at: number): BubbleDelivery {
  return { state: 'sent', receipt: { messageId, sentAt: new Date(at) }, wasInDoubt: false };
}

export function turnsContract(stores: StoresUnderTest): void {
  it('returns the turn that was committed', async () => {
    const { turns } = await newScope(stores);
    const input = turn('turn-1', ['a:1', 'a:2'], {
      replyToMessageId: 'm1',
      answer: answerOf('See [1]', {
        citations: [{ n: 1, documentId: 'd', chunkId: 'c', title: 'T', quote: 'Q', score: 0.5 }],
      }),
      deliveries: [{ state: 'pending', notBefore: new Date(5000) }],
    });
    expect(await turns.commit(input)).toBe(true);
    expect(await turns.get('turn-1')).toStrictEqual(input);
    expect(await turns.answering('a:2')).toStrictEqual(input);
    expect(await turns.answering('a:3')).toBeUndefined();
  });

  it('lets exactly one of a hundred parallel turns answer an event', async () => {
    const { turns } = await newScope(stores);
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) => turns.commit(turn(`turn-${n}`, [`own:${n}`, 'shared']))),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await turns.answering('shared'))?.id).toBe(`turn-${results.indexOf(true)}`);
    expect(await turns.recent('conversation', 200)).toHaveLength(1);
  });

  it('does not commit the same turn twice', async () => {
    const { turns } = await newScope(stores);
    expect(await turns.commit(turn('turn-1', ['a:1']))).toBe(true);
    expect(await turns.commit(turn('turn-1', ['a:9']))).toBe(false);
    expect(await turns.answering('a:9')).toBeUndefined();
  });

  it('separates turns that answer no event', async () => {
    const { turns } = await newScope(stores);
    expect(await turns.commit(turn('turn-1', []))).toBe(true);
    expect(await turns.commit(turn('turn-2', []))).toBe(true);
    expect((await turns.get('turn-2'))?.eventIds).toEqual([]);
  });

  it('lets only one of two senders move a bubble, and only its owner afterwards', async () => {
    const { turns } = await newScope(stores);
    await turns.commit(turn('turn-1', ['a:1']));
    const moves = await Promise.all(
      ['a', 'b'].map((owner) => turns.moveBubble('turn-1', 0, { state: 'pending' }, sending(owner))),
    );
    expect(moves.filter(Boolean)).toHaveLength(1);
    const [winner, loser] = moves[0] === true ? ['a', 'b'] : ['b', 'a'];
    expect(await turns.moveBubble('turn-1', 0, { state: 'sending', owner: loser }, sent('x', 1))).toBe(false);
    expect(await turns.moveBubble('turn-1', 0, { state: 'sending', owner: winner }, sent('x', 1))).toBe(true);
    expect((await turns.get('turn-1'))?.deliveries).toEqual([sent('x', 1)]);
    expect(await turns.moveBubble('turn-1', 7, { state: 'pending' }, SENDING)).toBe(false);
    expect(await turns.moveBubble('no-turn', 0, { state: 'pending' }, SENDING)).toBe(false);
  });

  it('marks a turn done once every bubble is sent or failed, and undelivered until then', async () => {
    const { turns } = await newScope(stores);
    await turns.commit(turn('late', ['a:2'], { createdAt: new Date(2000) }));
    await turns.commit(
      turn('early', ['a:1'], {
        createdAt: new Date(1000),
        deliveries: [{ state: 'pending' }, { state: 'pending' }],
      }),
    );
    await turns.commit(turn('silent', ['a:3'], { answer: answerOf(''), deliveries: [], status: 'done' }));
    expect((await turns.undelivered('conversation')).map(({ id }) => id)).toEqual(['early', 'late']);
    await turns.moveBubble('early', 0, { state: 'pending' }, SENDING);
    await turns.moveBubble('early', 0, { state: 'sending', owner: 'a' }, sent('m1', 1));
    expect((await turns.get('early'))?.status).toBe('waiting');
    await turns.moveBubble('early', 1, { state: 'pending' }, { state: 'failed', reason: 'gone' });
    expect((await turns.get('early'))?.status).toBe('done');
    expect((await turns.undelivered('conversation')).map(({ id }) => id)).toEqual(['late']);
  });

  it('makes a turn wait again if a bubble returns to pending', async () => {
    const { turns } = await newScope(stores);
    await turns.commit(turn('turn-1', ['a:1']));
    await turns.moveBubble('turn-1', 0, { state: 'pending' }, SENDING);
    const again: BubbleDelivery = { state: 'pending', notBefore: new Date(9000) };
    expect(await turns.moveBubble('turn-1', 0, { state: 'sending', owner: 'a' }, again)).toBe(true);
    expect(await turns.undelivered('conversation')).toMatchObject([
      { deliveries: [again], status: 'waiting' },
    ]);
  });

  it('knows the last bubble that the platform accepted', async () => {
    const { turns } = await newScope(stores);
    expect(await turns.lastReceipt('conversation')).toBeUndefined();
    await turns.commit(
      turn('turn-1', ['a:1'], { createdAt: new Date(1), deliveries: [sent('m1', 10), sent('m2', 20)] }),
    );
    await turns.commit(turn('turn-2', ['a:2'], { createdAt: new Date(2) }));
    expect(await turns.lastReceipt('conversation')).toBe('m2');
  });

  it('reads the newest turns, oldest of them first', async () => {
    const { turns } = await newScope(stores);
    for (const n of [3, 1, 2]) await turns.commit(turn(`turn-${n}`, [`a:${n}`], { createdAt: new Date(n) }));
    expect((await turns.recent('conversation', 2)).map(({ id }) => id)).toEqual(['turn-2', 'turn-3']);
    expect(await turns.recent('another', 2)).toEqual([]);
  });

  it('stores a rating for an existing turn', async () => {
    const { turns } = await newScope(stores);
    await turns.commit(turn('turn-1', ['a:1']));
    expect(await turns.saveFeedback('turn-1', { rating: 'up', at: new Date() })).toBe(true);
    expect(await turns.saveFeedback('turn-1', { rating: 'down', comment: '$set', at: new Date() })).toBe(
      true,
    );
    expect(await turns.saveFeedback('no-turn', { rating: 'up', at: new Date() })).toBe(false);
  });

  it('accepts any string as a plain string', async () => {
    const { turns } = await newScope(stores);
    for (const text of HOSTILE_STRINGS) {
      expect(await turns.commit(turn(text, [`e:${text.slice(0, 400)}`], { input: text }))).toBe(true);
      expect(await turns.get(text)).toMatchObject({ id: text, input: text });
    }
  });
}
