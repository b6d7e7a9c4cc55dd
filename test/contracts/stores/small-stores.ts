import { expect, it, vi } from 'vitest';
import { newScope, walk, type StoresUnderTest } from './under-test.js';

const RESPONSE = { status: 200, contentType: 'application/json', body: '{"$set":1}' };
const LEASE_MS = 10_000;

export function smallStoresContract(stores: StoresUnderTest): void {
  it('counts the same question in the same language, asked at once or one by one', async () => {
    const { unanswered } = await newScope(stores);
    const ask = (text: string, conversationId: string, at = 1, locale: 'en' | 'id' = 'en'): Promise<string> =>
      unanswered.record({ text, locale, conversationId, at: new Date(at) });
    await Promise.all(Array.from({ length: 20 }, () => ask('Do you deliver?', 'c1')));
    await ask('  do you DELIVER ', 'c2', 2);
    await ask('Do you deliver?!', 'c1', 3);
    await ask('Do you deliver?', 'c9', 4, 'id');
    const listed = await walk((page) => unanswered.list(page), 1);
    expect(listed.map(({ locale, count }) => [locale, count])).toEqual([
      ['id', 1],
      ['en', 22],
    ]);
    const english = listed[1];
    expect(english).toMatchObject({ status: 'open', firstAskedAt: new Date(1), lastAskedAt: new Date(3) });
    expect(english?.question.toLowerCase()).toContain('deliver');
    expect(english?.askedIn).toEqual(['c2', 'c1']);
    expect(await unanswered.setStatus(english?.id ?? '', 'dismissed')).toMatchObject({ status: 'dismissed' });
    expect(await unanswered.get(english?.id ?? '')).toMatchObject({ status: 'dismissed' });
    expect(await unanswered.setStatus('none', 'answered')).toBeUndefined();
  });

  it('reopens a question that is asked again after its answer, but not a dismissed one', async () => {
    const { unanswered } = await newScope(stores);
    const ask = (text: string, conversationId: string, at: number): Promise<string> =>
      unanswered.record({ text, locale: 'en', conversationId, at: new Date(at) });
    await ask('Is it open?', 'c1', 1);
    const id = (await unanswered.list({ limit: 1 })).items[0]?.id ?? '';
    await unanswered.setStatus(id, 'answered');
    await ask('is it open', 'c2', 2);
    const again = { status: 'open', askedIn: ['c2'], count: 2, firstAskedAt: new Date(2) };
    expect(await unanswered.get(id)).toMatchObject(again);
    await unanswered.setStatus(id, 'dismissed');
    await ask('Is it open?', 'c3', 3);
    expect(await unanswered.get(id)).toMatchObject({ status: 'dismissed', count: 3 });
  });

  it('lists only open questions, newest first', async () => {
    const { unanswered } = await newScope(stores);
    const ask = (text: string, at: number): Promise<string> =>
      unanswered.record({ text, locale: 'en', conversationId: 'c1', at: new Date(at) });
    const [first, second, third] = [await ask('One?', 1), await ask('Two?', 2), await ask('Three?', 3)];
    await unanswered.setStatus(second, 'dismissed');
    await unanswered.setDraft(first, { text: 'Yes.', source: 'model' });
    expect(await unanswered.open(10)).toEqual([
      { id: third, locale: 'en', wordings: ['Three?'] },
      { id: first, locale: 'en', wordings: ['One?'], draft: { text: 'Yes.', source: 'model' } },
    ]);
    expect(await unanswered.open(1)).toHaveLength(1);
  });

  it('counts a person once while a question is open, and keeps the words they used', async () => {
    const { unanswered } = await newScope(stores);
    const ask = (text: string, contactId: string, as?: string): Promise<string> =>
      unanswered.record({
        text,
        locale: 'en',
        conversationId: `c-${contactId}`,
        contactId,
        as,
        at: new Date(1),
      });
    const id = await ask('Is there a warranty?', 'ani');
    await ask('is there a warranty', 'ani');
    await ask('How long is the warranty?', 'budi', id);
    await ask('warranty??', 'budi', id);
    const question = await unanswered.get(id);
    expect(question).toMatchObject({ count: 2, people: ['ani', 'budi'], askedIn: ['c-ani', 'c-budi'] });
    expect(question?.wordings).toEqual(['Is there a warranty?', 'How long is the warranty?', 'warranty??']);
    expect((await unanswered.list({ limit: 10 })).items).toHaveLength(1);
    await unanswered.setDraft(id, { text: 'A year.', source: 'model' });
    expect((await unanswered.get(id))?.draft).toEqual({ text: 'A year.', source: 'model' });
    await unanswered.setStatus(id, 'answered');
    await ask('Is there a warranty?', 'ani');
    expect(await unanswered.get(id)).toMatchObject({ status: 'open', count: 3, people: ['ani'] });
    expect((await unanswered.get(id))?.draft).toBeUndefined();
  });

  it('removes a withdrawn question, but not the others who asked it', async () => {
    const { unanswered } = await newScope(stores);
    const question = (text: string, contactId: string) => ({
      text,
      locale: 'en' as const,
      conversationId: `c-${contactId}`,
      contactId,
    });
    const id = await unanswered.record({ ...question('Do you rent tents?', 'ani'), at: new Date(1) });
    await unanswered.record({ ...question('tents for rent?', 'budi'), as: id, at: new Date(2) });
    await unanswered.withdraw(question('do you rent TENTS', 'budi'));
    expect(await unanswered.get(id)).toMatchObject({ count: 1, askedIn: ['c-ani'], people: ['ani'] });
    // A question from another conversation, different wording, or withdrawing it again changes nothing.
    await unanswered.withdraw(question('Do you rent tents?', 'budi'));
    await unanswered.withdraw(question('Do you rent bicycles?', 'ani'));
    expect(await unanswered.get(id)).toMatchObject({ count: 1, askedIn: ['c-ani'] });
    await unanswered.withdraw(question('tents for rent?', 'ani'));
    expect(await unanswered.get(id)).toBeUndefined();
  });

  it('remembers the hundred newest conversations in which a question was asked', async () => {
    const { unanswered } = await newScope(stores);
    for (let n = 0; n < 103; n++) {
      await unanswered.record({ text: 'Why?', locale: 'en', conversationId: `c${n}`, at: new Date(n) });
    }
    const { items } = await unanswered.list({ limit: 1 });
    expect(items[0]?.askedIn).toHaveLength(100);
    expect(items[0]?.askedIn.at(-1)).toBe('c102');
    expect(items[0]?.count).toBe(103);
  });

  it('runs a write once per idempotency key', async () => {
    const { idempotency } = await newScope(stores);
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => idempotency.begin('k', 'hash', LEASE_MS)),
    );
    expect(claims.filter(({ type }) => type === 'new')).toHaveLength(1);
    expect(claims.filter(({ type }) => type === 'in-progress')).toHaveLength(9);
    expect(await idempotency.begin('k', 'other', LEASE_MS)).toEqual({ type: 'conflict' });
    await idempotency.finish('k', RESPONSE);
    expect(await idempotency.begin('k', 'hash', LEASE_MS)).toEqual({ type: 'done', response: RESPONSE });
    await idempotency.abandon('k');
    expect(await idempotency.begin('k', 'hash', LEASE_MS)).toMatchObject({ type: 'done' });
    expect(await idempotency.begin('k', 'other', LEASE_MS)).toEqual({ type: 'conflict' });
  });

  it('frees an idempotency key that was abandoned or whose process died', async () => {
    const { idempotency } = await newScope(stores);
    await idempotency.begin('k', 'hash', LEASE_MS);
    await idempotency.abandon('k');
    expect(await idempotency.begin('k', 'hash', LEASE_MS)).toEqual({ type: 'new' });
    stores.clock.advance(LEASE_MS - 1);
    expect(await idempotency.begin('k', 'hash', LEASE_MS)).toEqual({ type: 'in-progress' });
    stores.clock.advance(1);
    const claims = await Promise.all([1, 2, 3].map(() => idempotency.begin('k', 'hash', LEASE_MS)));
    expect(claims.filter(({ type }) => type === 'new')).toHaveLength(1);
  });

  it('keeps a response that must outlast 24 hours, and drops others', { timeout: 120_000 }, async () => {
    const { idempotency } = await newScope(stores);
    const past = 96 * 3_600_000;
    stores.clock.advance(-past);
    for (const key of ['kept', 'ordinary']) await idempotency.begin(key, 'hash', LEASE_MS);
    await idempotency.finish('kept', RESPONSE, { keep: 'forever' });
    await idempotency.finish('ordinary', RESPONSE);
    stores.clock.advance(past);
    const done = { type: 'done', response: RESPONSE };
    await vi.waitFor(
      async () => expect(await idempotency.begin('ordinary', 'other', LEASE_MS)).toEqual({ type: 'new' }),
      { timeout: 100_000, interval: 1000 },
    );
    expect(await idempotency.begin('kept', 'hash', LEASE_MS)).toEqual(done);
  });

  it('accepts a code once, within its time, however it is typed', async () => {
    const { codes } = await newScope(stores);
    const expiresAt = new Date(stores.clock.now().getTime() + 600_000);
    const code = await codes.create('claim-staff', expiresAt);
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
    const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `;
    const spent = await Promise.all(
      [1, 2, 3, 4].map(() => codes.spend('claim-staff', typed, stores.clock.now())),
    );
    expect(spent.filter(Boolean)).toHaveLength(1);
    const late = await codes.create('claim-staff', expiresAt);
    expect(await codes.spend('claim-staff', late, expiresAt)).toBe(false);
    expect(await codes.spend('claim-staff', '', stores.clock.now())).toBe(false);
    const forged = { $ne: '' } as unknown as string;
    await expect(codes.spend('claim-staff', forged, stores.clock.now())).rejects.toThrow(TypeError);
  });

  it('does not accept a code of one tenant for another', async () => {
    const [one, two] = [await newScope(stores), await newScope(stores)];
    const code = await one.codes.create('claim-staff', new Date(stores.clock.now().getTime() + 600_000));
    expect(await two.codes.spend('claim-staff', code, stores.clock.now())).toBe(false);
    expect(await one.codes.spend('claim-staff', code, stores.clock.now())).toBe(true);
  });
}
