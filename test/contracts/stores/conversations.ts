import { expect, it } from 'vitest';
import type { TenantScope } from '../../../src/contracts/stores.js';
import {
  answerOf,
  HOSTILE_STRINGS,
  inboxEvent,
  messageEvent,
  newScope,
  turn,
  unique,
  walk,
  type StoresUnderTest,
} from './under-test.js';

const CONVERSATION = {
  id: 'c1',
  accountId: 'account',
  channel: 'web',
  contactId: 'contact',
  chat: { chatId: '42', kind: 'direct' },
  title: 'Hello',
  at: new Date(1_700_000_000_000),
} as const;

export function conversationsContract(stores: StoresUnderTest): void {
  it('creates one conversation from parallel first contacts', async () => {
    const { conversations } = await newScope(stores);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => conversations.ensure({ ...CONVERSATION, title: `title ${n}` })),
    );
    expect(new Set(results.map(({ title }) => title)).size).toBe(1);
    const { at, ...fields } = CONVERSATION;
    const expected = {
      ...fields,
      title: results[0]?.title,
      mode: 'bot',
      modeNumber: 0,
      activeAt: at,
      status: 'open',
      tags: [],
      createdAt: at,
      updatedAt: at,
    };
    expect(await conversations.get('c1')).toStrictEqual(expected);
  });

  it('changes only the given fields', async () => {
    const { conversations } = await newScope(stores);
    await conversations.ensure(CONVERSATION);
    await conversations.update('c1', { mode: 'human' });
    const updated = await conversations.update('c1', { locale: 'id', forgottenBefore: new Date(5) });
    expect(updated).toMatchObject({ mode: 'human', locale: 'id', forgottenBefore: new Date(5) });
    expect(await conversations.get('c1')).toEqual(updated);
    expect(await conversations.update('none', { mode: 'human' })).toBeUndefined();
  });

  it('lists each conversation once, newest first, whatever is added between pages', async () => {
    const { conversations } = await newScope(stores);
    const add = (n: number): Promise<unknown> =>
      conversations.ensure({ ...CONVERSATION, id: `c${n}`, at: new Date(1_700_000_000_000 + (n >> 1)) });
    for (let n = 0; n < 11; n++) await add(n);
    let next = 100;
    const ids = (
      await walk(
        (page) => conversations.list(page),
        3,
        () => add(next++),
      )
    ).map(({ id }) => id);
    expect(ids).toEqual(['c10', 'c9', 'c8', 'c7', 'c6', 'c5', 'c4', 'c3', 'c2', 'c1', 'c0']);
  });

  it('lists conversations by their last message, and filters by all that staff look for', async () => {
    const { conversations } = await newScope(stores);
    const at = (seconds: number): Date => new Date(1_700_000_000_000 + seconds * 1000);
    for (const id of ['c1', 'c2', 'c3']) {
      await conversations.ensure({ ...CONVERSATION, id, contactId: `of ${id}`, at: at(0) });
    }
    const addMessage = (id: string, role: 'user' | 'assistant' | 'staff', seconds: number, isAsked = false) =>
      conversations.settle(id, { last: { role, text: `said in ${id} (.*)`, at: at(seconds) }, isAsked });
    await addMessage('c2', 'assistant', 1, true);
    await addMessage('c1', 'assistant', 2, true);
    const ids = async (filter: Parameters<typeof conversations.list>[1] = {}): Promise<string[]> =>
      (await conversations.list({ limit: 10 }, filter)).items.map(({ id }) => id);
    expect(await ids()).toEqual(['c1', 'c2', 'c3']);

    await conversations.update('c2', { mode: 'human', modeReason: 'asked', waitingSince: at(3) });
    await addMessage('c2', 'user', 5, true);
    expect(await ids({ status: 'waiting' })).toEqual(['c2']);
    expect((await conversations.get('c2'))?.waitingSince).toEqual(at(3));
    await addMessage('c2', 'staff', 6);
    expect(await ids({ status: 'waiting' })).toEqual([]);
    await addMessage('c2', 'user', 7, true);
    expect((await conversations.get('c2'))?.waitingSince).toEqual(at(7));
    await conversations.update('c2', { mode: 'bot' });
    expect(await conversations.get('c2')).toMatchObject({ status: 'open' });

    await conversations.update('c1', { isClosed: true, assigneeId: 'sari', tags: ['vip', 'vip'] });
    expect(await ids({ status: 'closed' })).toEqual(['c1']);
    expect(await ids({ assigneeId: 'sari', tag: 'vip', channel: 'web', mode: 'bot' })).toEqual(['c1']);
    await addMessage('c1', 'assistant', 8);
    expect(await ids({ status: 'closed' })).toEqual(['c1']);
    await addMessage('c1', 'assistant', 9, true);
    expect(await ids({ status: 'open' })).toEqual(['c1', 'c2', 'c3']);
    expect(await ids({ contactIds: ['of c3', 'nobody'] })).toEqual(['c3']);
    expect(await ids({ contactIds: [] })).toEqual([]);
    expect(await ids({ about: { text: 'IN C2 (.*', contactIds: [] } })).toEqual(['c2']);
    expect(await ids({ about: { text: 'zzz', contactIds: ['of c3'] } })).toEqual(['c3']);
    for (const text of HOSTILE_STRINGS)
      await ids({ about: { text, contactIds: [text] }, tag: text, channel: text });
  });

  it('refuses a cursor made for another list', async () => {
    const { conversations, documents } = await newScope(stores);
    for (const id of ['c1', 'c2']) await conversations.ensure({ ...CONVERSATION, id });
    const { nextCursor = '' } = await conversations.list({ limit: 1 });
    const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const wrong = ['', 'x', '%', `${nextCursor}=`, nextCursor.slice(2), json({}), json([]), json(null)];
    wrong.push(json(['conversations', { $gt: 0 }, 'c1']), json(['conversations', 1, { $ne: null }]));
    wrong.push(json(['conversations', 1e300, 'c1']), 'A'.repeat(100_000));
    for (const cursor of wrong) {
      await expect(conversations.list({ limit: 1, cursor }), cursor.slice(0, 40)).rejects.toMatchObject({
        kind: 'invalid-cursor',
      });
    }
    await expect(documents.list({ limit: 1, cursor: nextCursor })).rejects.toMatchObject({
      kind: 'invalid-cursor',
    });
  });

  it('lists one line per message of the person and one per answer, in order', async () => {
    const scope = await newScope(stores);
    await tellStory(scope);
    const expected = [
      ['user', '/help me'],
      ['assistant', 'Commands: ...'],
      ['user', 'first\n[photo.jpg]'],
      ['user', 'second'],
      ['assistant', 'one answer to both'],
      ['staff', 'I am a person'],
    ];
    for (const limit of [1, 2, 3, 50]) {
      const lines = await walk((page) => scope.conversations.messages('conversation', page), limit);
      expect(lines.map(({ role, text }) => [role, text])).toEqual(expected);
    }
    const { items } = await scope.conversations.messages('conversation', { limit: 2 });
    expect(items).toMatchObject([
      { id: 'a:1', role: 'user', text: '/help me', channel: 'web', createdAt: new Date(1000) },
      {
        id: 'turn-1',
        role: 'assistant',
        text: 'Commands: ...',
        channel: 'web',
        createdAt: new Date(1000),
        source: 'command',
        citations: [],
        conversationId: 'conversation',
        delivery: { state: 'waiting' },
      },
    ]);
    expect((await scope.conversations.messages('another', { limit: 5 })).items).toEqual([]);
  });

  it('joins two conversations into one history under both ids, and keeps the human mode of either', async () => {
    const scope = await newScope(stores);
    const { conversations, inbox } = scope;
    await tellStory(scope);
    for (const id of ['conversation', 'later']) await conversations.ensure({ ...CONVERSATION, id });
    await conversations.update('conversation', { mode: 'human', modeReason: 'asked' });
    const total = (await conversations.messages('conversation', { limit: 50 })).items.length;
    await inbox.accept({ ...inboxEvent('b:1'), conversationId: 'conversation' });
    await conversations.join('later', 'conversation');
    expect(await conversations.get('conversation')).toMatchObject({ id: 'later', mode: 'human' });
    expect((await conversations.messages('later', { limit: 50 })).items.length).toBeGreaterThanOrEqual(total);
    expect((await inbox.pending('later')).map(({ key }) => key)).toContain('b:1');
    expect((await conversations.list({ limit: 10 })).items.map(({ id }) => id)).toEqual(['later']);
    expect((await conversations.ensure({ ...CONVERSATION, id: 'conversation' })).id).toBe('later');
    await conversations.join('later', 'conversation');
    await conversations.join('later', 'none');
    expect(await conversations.get('later')).toMatchObject({ mode: 'human' });
  });

  it('lists each line once while new ones are added between pages', async () => {
    const scope = await newScope(stores);
    let next = 0;
    const say = async (): Promise<void> => {
      const n = next++;
      const receivedAt = new Date(1000 + (n >> 1));
      await scope.inbox.accept(inboxEvent(`a:${n}`, { event: messageEvent(`q${n}`, n), receivedAt }));
      await scope.turns.commit(
        turn(`t:${n}`, [`a:${n}`], { answer: answerOf(`r${n}`), createdAt: receivedAt }),
      );
    };
    for (let n = 0; n < 10; n++) await say();
    const addLater = async (): Promise<void> => (next < 16 ? say() : undefined);
    const lines = await walk((page) => scope.conversations.messages('conversation', page), 3, addLater);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(lines).toHaveLength(2 * next);
  });

  it('creates one contact per identity from ten parallel calls, a hundred times', async () => {
    const { contacts } = await newScope(stores);
    for (let round = 0; round < 100; round++) {
      const identity = { channel: 'web', accountId: 'a', userId: `u${round}`, name: 'Ani', at: new Date() };
      const results = await Promise.all(Array.from({ length: 10 }, () => contacts.ensure(identity)));
      expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    }
  });

  it('keeps identities apart that merely look alike', async () => {
    const { contacts } = await newScope(stores);
    const at = new Date();
    const results = await Promise.all(
      [
        { channel: 'web', accountId: 'a', userId: 'b:c' },
        { channel: 'web', accountId: 'a:b', userId: 'c' },
        { channel: 'web', accountId: 'a', userId: 'B:C' },
        ...HOSTILE_STRINGS.map((userId) => ({ channel: 'web', accountId: 'a', userId })),
      ].map((identity) => contacts.ensure({ ...identity, at })),
    );
    expect(new Set(results.map(({ id }) => id)).size).toBe(results.length);
  });

  it('keeps a changed contact and leaves absent fields absent', async () => {
    const { contacts } = await newScope(stores);
    const at = new Date();
    const contact = await contacts.ensure({ channel: 'web', accountId: 'a', userId: 'u', at });
    expect(contact).toStrictEqual({
      id: contact.id,
      identities: [{ channel: 'web', accountId: 'a', userId: 'u' }],
      tags: [],
      fields: {},
      formerIds: [],
      isStaff: false,
      optedOut: false,
      updatedAt: at,
      lastSeenAt: at,
      createdAt: at,
    });
    expect(await contacts.update(contact.id, { isStaff: true, locale: 'id' })).toMatchObject({
      isStaff: true,
      locale: 'id',
    });
    expect(await contacts.update(contact.id, {})).toEqual(await contacts.get(contact.id));
    expect(await contacts.update(unique('none'), { name: 'x' })).toBeUndefined();
  });
}

async function tellStory({ inbox, turns }: TenantScope): Promise<void> {
  const base = messageEvent('', 1);
  const command = {
    ...base,
    type: 'command',
    name: 'help',
    argumentText: 'me',
    files: [],
    addressed: true,
  } as const;
  const photo = { type: 'file', kind: 'image', reference: 'r', fileName: 'photo.jpg' } as const;
  const withPhoto = { ...messageEvent('', 2), type: 'message', messageId: 'm2', addressed: true } as const;
  await inbox.accept(inboxEvent('a:1', { event: command, receivedAt: new Date(1000) }));
  await inbox.accept(
    inboxEvent('a:2', {
      event: { ...withPhoto, parts: [{ type: 'text', text: 'first' }, photo] },
      receivedAt: new Date(2000),
    }),
  );
  await inbox.accept(inboxEvent('a:3', { event: messageEvent('second', 3), receivedAt: new Date(2000) }));
  const press = { ...base, type: 'action', action: 'up' } as const;
  await inbox.accept(inboxEvent('a:4', { event: press, receivedAt: new Date(2500) }));
  await turns.commit(
    turn('turn-1', ['a:1'], {
      answer: answerOf('Commands: ...', { source: 'command' }),
      createdAt: new Date(1000),
    }),
  );
  await turns.commit(
    turn('turn-2', ['a:2', 'a:3'], {
      answer: answerOf('one answer to both'),
      createdAt: new Date(3000),
    }),
  );
  await turns.commit(turn('turn-3', ['a:4'], { answer: answerOf(''), createdAt: new Date(3500) }));
  await turns.commit(
    turn('turn-4', [], { answer: answerOf('I am a person', { source: 'human' }), createdAt: new Date(4000) }),
  );
}
