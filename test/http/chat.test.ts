import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpFixture } from './support/http-fixture.js';
import { ADMIN_KEY, startHttpFixture } from './support/http-fixture.js';

const ask = (text: string, more: object = {}) => ({
  user_id: 'person-1',
  messages: [{ role: 'user', content: text }],
  ...more,
});

const EVENTS = { Accept: 'text/event-stream' };

interface Frame {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Parses an event stream as the standard says; throws on anything else in it. */
function frames(text: string): Frame[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (match === null) throw new Error(`not one event: ${JSON.stringify(block)}`);
      return { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') as Record<string, unknown> };
    });
}

describe('POST /v1/chat', () => {
  let http: HttpFixture;
  let key: string;
  beforeAll(async () => {
    http = await startHttpFixture({ limits: { answerTimeoutMs: 1_500, heartbeatMs: 40 } });
    key = await http.tenant('a');
  });
  beforeEach(() => {
    http.intake.events = [];
    http.intake.gate = Promise.resolve();
    http.intake.commits = [];
  });
  afterAll(() => http.close(1000));

  it('answers with the documented fields, also under the old path', async () => {
    for (const path of ['/v1/chat', '/chat']) {
      const { status, body } = await http.call('POST', path, { key, json: ask('hello') });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        answer: 'hello',
        bubbles: [{ type: 'text', text: 'hello' }],
        source: 'knowledge',
        citations: [{ n: 1, document_id: 'd', chunk_id: 'd:0', title: 'T', quote: 'q', score: 1 }],
        locale: 'en',
        model: 'none',
        usage: { input_tokens: 1, output_tokens: 2, cost_micros: 3 },
      });
      expect(body['conversation_id']).toEqual(expect.any(String));
    }
  });

  it('treats a text that starts with a slash as a command', async () => {
    const { body } = await http.call('POST', '/v1/chat', { key, json: ask('/Language id') });
    expect(body['answer']).toBe('command language id');
  });

  it('repeats the message for the same key and body, and returns 422 for another body', async () => {
    const headers = { 'Idempotency-Key': 'order-1' };
    const first = await http.call('POST', '/v1/chat', { key, headers, json: ask('once') });
    const again = await http.call('POST', '/v1/chat', { key, headers, json: ask('once') });
    expect(again.body).toEqual(first.body);
    const other = await http.call('POST', '/v1/chat', { key, headers, json: ask('twice') });
    expect(other.status).toBe(422);
    expect(other.body['code']).toBe('idempotency_conflict');
    const events = await http.call('POST', '/v1/chat', {
      key,
      headers: { ...headers, ...EVENTS },
      json: ask('once'),
    });
    expect(frames(events.text).map(({ event }) => event)).toEqual(['citation', 'bubble', 'done']);
    expect(frames(events.text).at(-1)?.data).toEqual(first.body);
  });

  it('returns 409 with Retry-After while the first request is in progress', async () => {
    const headers = { 'Idempotency-Key': 'slow-1' };
    let open = (): void => undefined;
    http.intake.gate = new Promise((resolve) => (open = resolve));
    const first = http.call('POST', '/v1/chat', { key, headers, json: ask('slow') });
    const isAccepted = (): boolean =>
      [...http.intake.accepted.keys()].some((name) => name.endsWith('slow-1'));
    while (!isAccepted()) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await http.call('POST', '/v1/chat', { key, headers, json: ask('slow') });
    expect(second.status).toBe(409);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    open();
    expect((await first).status).toBe(200);
  });

  it('stops waiting with 504, and returns the answer under the same key later', async () => {
    const headers = { 'Idempotency-Key': 'late-1' };
    let open = (): void => undefined;
    http.intake.gate = new Promise((resolve) => (open = resolve));
    const late = await http.call('POST', '/v1/chat', { key, headers, json: ask('late') });
    expect([late.status, late.body['code']]).toEqual([504, 'answer_timeout']);
    open();
    await Promise.all(http.intake.commits);
    const again = await http.call('POST', '/v1/chat', { key, headers, json: ask('late') });
    expect(again.body['answer']).toBe('late');
  });

  it('streams events with exactly one done, line breaks kept and heartbeats between', async () => {
    http.intake.events = [
      { type: 'status', state: 'thinking' },
      { type: 'delta', text: 'two\nlines\r\n\r\nevent: done' },
      { type: 'status', state: 'restart', reason: 'unreachable' },
      { type: 'bubble', index: 0, bubble: { type: 'text', text: 'hi' } },
    ];
    http.intake.gate = new Promise((resolve) => setTimeout(resolve, 300));
    const answer = await http.call('POST', '/v1/chat', { key, headers: EVENTS, json: ask('hi') });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.text).toContain('\n\n: still here\n\n');
    const all = frames(answer.text);
    expect(all.map(({ event }) => event)).toEqual([
      'status',
      'delta',
      'status',
      'bubble',
      'citation',
      'done',
    ]);
    expect(all[1]?.data['text']).toBe('two\nlines\r\n\r\nevent: done');
    expect(all[2]?.data).toEqual({ state: 'restart', reason: 'unreachable' });
    expect(all.at(-1)?.data['answer']).toBe('hi');
  });

  it('ends a stream without an answer with one error event', async () => {
    http.intake.gate = new Promise(() => undefined);
    const answer = await http.call('POST', '/v1/chat', { key, headers: EVENTS, json: ask('never') });
    const all = frames(answer.text);
    expect(all.map(({ event }) => event)).toEqual(['error']);
    expect(all[0]?.data).toMatchObject({ status: 504, code: 'answer_timeout' });
  });

  it('keeps the message of a client that hangs up', async () => {
    let open = (): void => undefined;
    http.intake.gate = new Promise((resolve) => (open = resolve));
    const hangUp = new AbortController();
    const request = fetch(`${http.url}/v1/chat`, {
      method: 'POST',
      signal: hangUp.signal,
      headers: {
        'Content-Type': 'application/json',
        'X-API-Key': key,
        'Idempotency-Key': 'gone-1',
        ...EVENTS,
      },
      body: JSON.stringify(ask('gone')),
    });
    await request;
    hangUp.abort();
    open();
    await Promise.all(http.intake.commits);
    const again = await http.call('POST', '/v1/chat', {
      key,
      headers: { 'Idempotency-Key': 'gone-1' },
      json: ask('gone'),
    });
    expect(again.body['answer']).toBe('gone');
  });

  it('does not continue a conversation that takes place on a platform', async () => {
    const scope = await http.scope('a');
    const at = new Date();
    await scope.conversations.ensure({
      id: 'c_on_a_platform',
      accountId: 'a-telegram',
      channel: 'telegram',
      contactId: 'contact',
      chat: { chatId: '7', kind: 'direct' },
      title: 'Ana',
      at,
    });
    const json = {
      user_id: 'u',
      conversation_id: 'c_on_a_platform',
      messages: [{ role: 'user', content: 'hi' }],
    };
    const answer = await http.call('POST', '/v1/chat', { key, json });
    expect([answer.status, answer.body['code']]).toEqual([404, 'not_found']);
  });

  it('refuses an unknown conversation, and a last message that is not the person’s', async () => {
    const foreign = await http.call('POST', '/v1/chat', {
      key,
      json: ask('x', { conversation_id: 'c_nope' }),
    });
    expect(foreign.status).toBe(404);
    const messages = [{ role: 'assistant', content: 'hi' }];
    const wrong = await http.call('POST', '/v1/chat', { key, json: { user_id: 'p', messages } });
    expect(wrong.status).toBe(400);
    expect(wrong.body['errors']).toMatchObject([{ path: 'messages.0.role' }]);
  });

  it('lets the global key name the tenant in header or body, and refuses two that differ', async () => {
    const json = ask('admin');
    const headers = { 'X-Tenant-Id': 'a' };
    expect((await http.call('POST', '/v1/chat', { key: ADMIN_KEY, headers, json })).status).toBe(200);
    const inBody = { ...json, tenant_id: 'a' };
    expect((await http.call('POST', '/v1/chat', { key: ADMIN_KEY, json: inBody })).status).toBe(200);
    const differ = await http.call('POST', '/v1/chat', {
      key: ADMIN_KEY,
      headers: { 'X-Tenant-Id': 'b' },
      json: inBody,
    });
    expect([differ.status, differ.body['code']]).toEqual([403, 'tenant_mismatch']);
    const none = await http.call('POST', '/v1/chat', { key: ADMIN_KEY, json });
    expect([none.status, none.body['code']]).toEqual([400, 'tenant_required']);
    for (const foreign of [
      { headers: { 'X-Tenant-Id': 'b' }, json },
      { json: { ...json, tenant_id: 'b' } },
    ]) {
      expect((await http.call('POST', '/v1/chat', { key, ...foreign })).status).toBe(403);
    }
  });

  it('stores a rating and lets the next one replace it', async () => {
    const { body } = await http.call('POST', '/v1/chat', { key, json: ask('rate me') });
    const id = String(body['message_id']);
    for (const rating of ['up', 'down']) {
      const rated = await http.call('POST', `/v1/chat/${id}/feedback`, { key, json: { rating } });
      expect(rated.status).toBe(204);
    }
    const unknown = await http.call('POST', '/v1/chat/t_unknown/feedback', { key, json: { rating: 'up' } });
    expect(unknown.status).toBe(404);
  });
});
