import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signVisitor } from '../../src/http/server/visitor-token.js';
import type { HttpFixture } from './support/http-fixture.js';
import { startHttpFixture } from './support/http-fixture.js';

const ask = (text: string) => ({ messages: [{ role: 'user', content: text }] });

describe('the web chat', () => {
  let http: HttpFixture;
  beforeAll(async () => {
    http = await startHttpFixture();
    await http.tenant('a');
    await http.tenant('shop', { hosts: ['shop.example'], locale: 'id' });
  });
  afterAll(() => http.close(1000));

  const begin = async (json: object = {}, headers = {}) => {
    const { body } = await http.call('POST', '/v1/web/session', { json, headers });
    return {
      id: String(body['visitor_id']),
      headers: { Authorization: `Bearer ${String(body['token'])}` },
      body,
    };
  };

  it('starts with the playground’s business, its language and its texts', async () => {
    const { body } = await begin();
    expect(body).toMatchObject({
      tenant: { id: 'a', name: 'Business a', locale: 'en' },
      locale: 'en',
      strings: { 'web.send': 'web.send', 'web.suggestion1': 'web.suggestion1' },
    });
  });

  it('starts with the business whose site hosts the widget, and with no other by name', async () => {
    const { body } = await begin({ tenant: 'shop' }, { Origin: 'https://shop.example' });
    expect(body).toMatchObject({ tenant: { id: 'shop' } });
    // Questions about the sample's goods are suggested only by the sample business.
    expect(body['strings']).toEqual({ 'web.send': 'web.send' });
    const foreign = await http.call('POST', '/v1/web/session', { json: { tenant: 'shop' } });
    const nobody = await http.call('POST', '/v1/web/session', { json: { tenant: 'nobody' } });
    expect([foreign.status, nobody.status]).toEqual([404, 404]);
  });

  it('starts with the business’s own newest short questions in the language of the page', async () => {
    const scope = await http.scope('shop');
    const entry = (n: number, question: string, locale: 'id' | 'en') => {
      const at = new Date(Date.UTC(2026, 0, n));
      return { id: `faq_${n}`, question, answer: 'Ya.', locale, createdAt: at, updatedAt: at };
    };
    for (const [n, question] of [
      'Buka jam berapa?',
      'Bisa COD?',
      `Bisa ${'sangat '.repeat(12)}lama?`,
    ].entries())
      await scope.faq.insert([entry(n + 1, question, 'id')]);
    await scope.faq.insert([entry(9, 'Do you ship abroad?', 'en')]);
    const on = { Origin: 'https://shop.example' };
    expect((await begin({ locale: 'id' }, on)).body['strings']).toMatchObject({
      'web.suggestion1': 'Bisa COD?',
      'web.suggestion2': 'Buka jam berapa?',
    });
    const { strings } = (await begin({ locale: 'en' }, on)).body as { strings: Record<string, string> };
    expect(Object.keys(strings).filter((key) => key.startsWith('web.suggestion'))).toEqual([
      'web.suggestion1',
    ]);
  });

  it('stops only an answer in progress, and only for its own visitor', async () => {
    const [ann, ben] = [await begin(), await begin()];
    const stop = (visitor: typeof ann) =>
      http.call('POST', '/v1/web/chat/stop', { json: { idempotency_key: 'k' }, headers: visitor.headers });
    http.intake.stoppable = `web:key:${ann.id}:k`;
    expect((await stop(ann)).body).toEqual({ stopped: true });
    expect((await stop(ben)).body).toEqual({ stopped: false });
    expect((await http.call('POST', '/v1/web/chat/stop', { json: { idempotency_key: 'k' } })).status).toBe(
      401,
    );
  });

  it('answers a visitor, and separates visitors with the same Idempotency-Key', async () => {
    const [ann, ben] = [await begin(), await begin()];
    const call = (visitor: typeof ann) =>
      http.call('POST', '/v1/web/chat', {
        json: ask('same words'),
        headers: { ...visitor.headers, 'Idempotency-Key': '1' },
      });
    const [toAnn, toBen, toAnnAgain] = [await call(ann), await call(ben), await call(ann)];
    expect(toAnn.status).toBe(200);
    expect(toAnn.body['message_id']).not.toBe(toBen.body['message_id']);
    expect(toAnnAgain.body).toEqual(toAnn.body);
  });

  it('lets a visitor rate only answers to that visitor', async () => {
    const [ann, ben] = [await begin(), await begin()];
    const { body } = await http.call('POST', '/v1/web/chat', { json: ask('rate me'), headers: ann.headers });
    const rate = (visitor: typeof ann, id: string) =>
      http.call('POST', `/v1/web/chat/${id}/feedback`, { json: { rating: 'up' }, headers: visitor.headers });
    expect((await rate(ann, String(body['message_id']))).status).toBe(204);
    expect((await rate(ben, String(body['message_id']))).status).toBe(404);
    expect((await rate(ann, 't_unknown')).status).toBe(404);
  });

  it('shows a visitor only that visitor’s history', async () => {
    const [ann, ben] = [await begin(), await begin()];
    const id = http.deps.conversationIdOf('web', { chatId: ann.id, kind: 'direct' });
    await http.call('POST', '/v1/web/chat', { json: ask('mine'), headers: ann.headers });
    const chat = { chatId: ann.id, kind: 'direct' } as const;
    const common = { accountId: 'web', channel: 'web', contactId: 'p', title: '' };
    await (await http.scope('a')).conversations.ensure({ id, ...common, chat, at: new Date() });
    const own = await http.call('GET', '/v1/web/history', { headers: ann.headers });
    expect(own.body['items']).toMatchObject([{ text: 'mine' }]);
    const other = await http.call('GET', '/v1/web/history', { headers: ben.headers });
    expect(other.body).toEqual({ items: [], next_cursor: null });
    const foreign = { ...ask('x'), conversation_id: id };
    expect((await http.call('POST', '/v1/web/chat', { json: foreign, headers: ben.headers })).status).toBe(
      404,
    );
  });

  it('pushes messages to a visitor’s open page, and after a break what arrived since', async () => {
    const ann = await begin();
    const scope = await http.scope('a');
    await http.call('POST', '/v1/web/chat', { json: ask('a question'), headers: ann.headers });
    const chat = { chatId: ann.id, kind: 'direct' } as const;
    const id = http.deps.conversationIdOf('web', chat);
    const common = { accountId: 'web', channel: 'web', contactId: 'p', chat };
    await scope.conversations.ensure({ id, ...common, title: '', at: new Date() });
    await scope.conversations.update(id, { mode: 'human', modeReason: 'asked' });
    const [answer] = await scope.turns.recent(id, 1);
    if (answer === undefined) throw new Error('there is no answer to copy');
    const push = (name: string, at: number) =>
      scope.turns.commit({
        ...answer,
        id: name,
        eventIds: [`say:${name}`],
        origin: { type: 'staff' },
        answer: { ...answer.answer, text: name, bubbles: [{ type: 'text', text: name }], source: 'human' },
        createdAt: new Date(Date.now() + at),
      });
    await push('first', -60_000);
    await push('second', 0);
    const hear = async (query: string, isEnough: (text: string) => boolean) => {
      const response = await fetch(`${http.url}/v1/web/events${query}`, { headers: ann.headers });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let output = '';
      while (!isEnough(output)) {
        const read = await reader?.read();
        if (read === undefined || read.done) return output;
        output += read.value;
      }
      await reader?.cancel();
      return output;
    };
    const all = await hear('', (text) => text.includes('attendance'));
    expect(all).toMatch(/"answer":"first".*"role":"staff"[^]*"answer":"second"[^]*"state":"waiting"/);
    expect(all).not.toContain('a question');
    const later = hear('?after=second', (text) => text.includes('third'));
    await push('third', 0);
    expect(await later).not.toMatch(/"answer":"(first|second)"/);
  });

  it('refuses tokens that are altered, expired or signed by someone else', async () => {
    const { headers } = await begin();
    const visitor = { tenantId: 'a', visitorId: 'v', expiresAt: new Date(Date.now() + 60_000) };
    const [version, payload, signature] = headers.Authorization.slice('Bearer '.length).split('.');
    const other = Buffer.from('{"t":"shop","v":"v","e":9999999999999}').toString('base64url');
    for (const token of [
      `${version}.${other}.${signature}`,
      `${version}.${payload}.`,
      `v2.${payload}.${signature}`,
      signVisitor(new Uint8Array(32), visitor),
      signVisitor(http.deps.secret, { ...visitor, expiresAt: new Date(0) }),
      signVisitor(http.deps.secret, { ...visitor, tenantId: 'gone' }),
      '',
    ]) {
      const answer = await http.call('GET', '/v1/web/history', {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect([token, answer.status]).toEqual([token, 401]);
    }
  });

  it('ends open event streams when the service stops, and refuses too many per visitor', async () => {
    const own = await startHttpFixture();
    await own.tenant('a');
    const { body } = await own.call('POST', '/v1/web/session', { json: {} });
    const headers = { Authorization: `Bearer ${String(body['token'])}` };
    const streams = [];
    for (let i = 0; i < 6; i += 1) streams.push(await fetch(`${own.url}/v1/web/events`, { headers }));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    const streamText = streams[0]?.text();
    await own.close(60_000);
    expect(await streamText).toContain('event: attendance\ndata: {"state":"bot"}');
  });

  it('slows down a visitor who writes too fast', async () => {
    const strict = await startHttpFixture({ limits: { visitorChatsPerMinute: 2, loopbackFactor: 1 } });
    try {
      await strict.tenant('a');
      const { body } = await strict.call('POST', '/v1/web/session', { json: {} });
      const headers = { Authorization: `Bearer ${String(body['token'])}` };
      const statuses = [];
      for (let i = 0; i < 3; i += 1) {
        statuses.push((await strict.call('POST', '/web/chat', { json: ask('hi'), headers })).status);
      }
      expect(statuses).toEqual([200, 200, 429]);
    } finally {
      await strict.close(1000);
    }
  });

  it('allows browsers on the business’s site the web chat, and allowed origins the whole API', async () => {
    const allowed = async (path: string, origin: string) => {
      const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
      return (await http.call('OPTIONS', path, { headers })).headers.get('access-control-allow-origin');
    };
    expect(await allowed('/v1/web/chat', 'https://shop.example')).toBe('https://shop.example');
    expect(await allowed('/v1/chat', 'https://shop.example')).toBeNull();
    expect(await allowed('/v1/web/chat', 'https://evil.example')).toBeNull();
    expect(await allowed('/v1/chat', 'https://console.example')).toBe('https://console.example');
  });
});
