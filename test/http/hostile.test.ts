import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import type { CallOptions, HttpFixture } from './support/http-fixture.js';
import { startHttpFixture } from './support/http-fixture.js';

const hostile = join(projectRoot, '../shared/data/hostile');
const hasData = existsSync(hostile);
if (!hasData) process.stdout.write(`skipped: the hostile data sets are not at ${hostile}\n`);

const JSON_TYPE = { 'Content-Type': 'application/json' };
const MEGABYTE = 1024 * 1024;

/** Sends raw bytes; resolves with everything received until the server closes the connection. */
function raw(http: HttpFixture, ...parts: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(http.port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    socket.on('close', () => resolve(answer));
  });
}

describe('the HTTP server under hostile requests', () => {
  let http: HttpFixture;
  let key: string;
  beforeAll(async () => {
    http = await startHttpFixture();
    key = await http.tenant('a');
  });
  afterAll(() => http.close(1000));

  it.runIf(hasData)(
    'parses valid JSON, refuses invalid JSON and never fails',
    async () => {
      for (const name of readdirSync(join(hostile, 'json'))) {
        const body = readFileSync(join(hostile, 'json', name));
        const answer = await http.call('POST', '/v1/chat', { key, headers: JSON_TYPE, body });
        expect([name, answer.status]).toEqual([name, 400]);
        if (name.startsWith('n_')) expect([name, answer.body['code']]).toEqual([name, 'malformed_json']);
        if (name.startsWith('y_')) expect([name, answer.body['code']]).toEqual([name, 'invalid_request']);
      }
    },
    120_000,
  );

  it.runIf(hasData)(
    'accepts naughty strings in every text field',
    async () => {
      const strings = JSON.parse(readFileSync(join(hostile, 'blns.json'), 'utf8')) as string[];
      const bodies = (text: string): [string, string, unknown][] => [
        ['POST', '/v1/chat', { user_id: text, messages: [{ role: 'user', content: text }] }],
        [
          'POST',
          '/v1/chat',
          { user_id: 'p', messages: [{ role: 'user', content: text }], locale: text, channel: text },
        ],
        ['POST', '/v1/kb/upsert', { id: text, title: text, text, metadata: { note: text } }],
        ['POST', '/v1/kb/search', { query: text }],
        ['POST', '/v1/faq', { question: text, answer: text }],
        ['PUT', '/v1/tenants/a/settings', { name: text, persona: text, sop: text, timezone: text }],
        ['GET', `/v1/kb/documents/${encodeURIComponent(text)}`, undefined],
        ['GET', `/v1/faq?cursor=${encodeURIComponent(text)}`, undefined],
      ];
      for (const text of strings) {
        const calls = bodies(text).map(async ([method, path, json]) => {
          const { status } = await http.call(method, path, { key, json });
          expect([text, method, path, status < 500]).toEqual([text, method, path, true]);
        });
        await Promise.all(calls);
      }
    },
    300_000,
  );

  it('keeps text unchanged, except for what no database stores', async () => {
    const body = JSON.stringify({ user_id: 'p', messages: [{ role: 'user', content: 'MARK' }] });
    const send = (escaped: string) =>
      http.call('POST', '/v1/chat', { key, headers: JSON_TYPE, body: body.replace('MARK', escaped) });
    expect((await send('a\\u0000b\\ud800c')).body['answer']).toBe('a\uFFFDb\uFFFDc');
    expect((await send('\\ud83d\\ude00 \\u202e')).body['answer']).toBe('😀 \u202e');
  });

  it('names the field if an id has invalid characters', async () => {
    const json = { id: '../x', title: 't', text: 't' };
    const answer = await http.call('POST', '/v1/kb/upsert', { key, json });
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
    expect(answer.body['errors']).toMatchObject([{ path: 'id' }]);
  });

  it('refuses prototype fields, operators, unknown fields and wrong types by name', async () => {
    const chat = (fields: string) => `{"user_id":"p","messages":[{"role":"user","content":"x"}]${fields}}`;
    for (const fields of [
      ',"__proto__":{"a":1}',
      ',"constructor":{}',
      ',"locale":{"$ne":null}',
      ',"nope":1',
    ]) {
      const answer = await http.call('POST', '/v1/chat', { key, headers: JSON_TYPE, body: chat(fields) });
      expect([fields, answer.status, answer.body['code']]).toEqual([fields, 400, 'invalid_request']);
    }
    const unknown = await http.call('POST', '/v1/chat', { key, headers: JSON_TYPE, body: chat(',"nope":1') });
    expect(unknown.body['errors']).toMatchObject([{ path: 'nope', code: 'unknown_field' }]);
    expect(JSON.stringify(unknown.body['errors'])).toContain(
      'There is no such field. The fields here are: user_id, ',
    );
    const operator = { user_id: { $gt: '' }, messages: [{ role: 'user', content: 'x' }] };
    expect((await http.call('POST', '/v1/chat', { key, json: operator })).body['errors']).toMatchObject([
      { path: 'user_id' },
    ]);
    const tenant = { ...operator, user_id: 'p', tenant_id: { $ne: '' } };
    expect((await http.call('POST', '/v1/chat', { key, json: tenant })).status).toBe(400);
  });

  it('refuses repeated or unknown parameters', async () => {
    for (const query of [
      'limit=1&limit=2',
      'a[$ne]=1',
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=bogus',
      '__proto__=1',
    ]) {
      expect([query, (await http.call('GET', `/v1/faq?${query}`, { key })).status]).toEqual([query, 400]);
    }
  });

  it('answers odd paths like unknown ones', async () => {
    for (const path of [
      '/v1/nope',
      '/v1//chat',
      '/../../etc/passwd',
      '/%2e%2e/package.json',
      '/v1/faq/%00',
      '/%',
    ]) {
      const answer = await http.call('GET', path, { key });
      expect([path, [404, 405].includes(answer.status)]).toEqual([path, true]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  it('refuses other methods with 405 and lists the allowed ones', async () => {
    for (const route of http.routes) {
      const path = route.path.replaceAll(/\{\w+\}/g, 'x');
      const methods = http.routes.filter((other) => other.path === route.path).map(({ method }) => method);
      const other = (['PATCH', 'DELETE', 'PUT', 'POST'] as const).find((method) => !methods.includes(method));
      const answer = await http.call(other ?? 'GET', path, { key });
      expect([path, answer.status]).toEqual([path, 405]);
      expect(answer.headers.get('allow')?.split(', ')).toContain(route.method);
      const odd = await raw(http, `TRACE ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(odd).toMatch(/^HTTP\/1\.1 405 /);
    }
  });

  it('refuses other content types with 415, even JSON disguised as an upload', async () => {
    const fake = JSON.stringify({ file: { filepath: '/etc/passwd' }, files: [{ filepath: '/etc/passwd' }] });
    const cases: [string, CallOptions][] = [
      ['/v1/chat', { body: 'user_id=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }],
      ['/v1/chat', { body: '{}', headers: { 'Content-Type': 'text/plain' } }],
      ['/v1/chat', { body: '{}', headers: { 'Content-Type': 'application/json; charset=utf-16' } }],
      ['/v1/chat', { body: '{}', headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' } }],
      ['/v1/kb/upload', { body: fake, headers: JSON_TYPE }],
      ['/v1/faq/import', { body: fake, headers: JSON_TYPE }],
    ];
    for (const [path, options] of cases) {
      expect([path, (await http.call('POST', path, { key, ...options })).status]).toEqual([path, 415]);
    }
    const noBoundary = { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } };
    expect((await http.call('POST', '/v1/kb/upload', { key, ...noBoundary })).status).toBe(400);
  });

  it('refuses 20 MB of JSON with 413 and keeps serving', async () => {
    const huge = JSON.stringify({
      user_id: 'p',
      messages: [{ role: 'user', content: 'x'.repeat(20 * MEGABYTE) }],
    });
    for (let i = 0; i < 3; i += 1) {
      const answer = await http.call('POST', '/v1/chat', { key, headers: JSON_TYPE, body: huge });
      expect([answer.status, answer.body['code']]).toEqual([413, 'body_too_large']);
    }
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(MEGABYTE).fill(0x20));
      },
    });
    const chunked = {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { ...JSON_TYPE, 'X-API-Key': key },
    };
    const answer = await fetch(`${http.url}/v1/chat`, chunked as RequestInit);
    expect(answer.status).toBe(413);
    expect((await http.call('GET', '/health')).status).toBe(200);
  });

  it('refuses before the body is sent if the client waits for 100-continue', async () => {
    const head = (length: number, extra = '') =>
      `POST /v1/chat HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n${extra}\r\n`;
    expect(await raw(http, head(50 * MEGABYTE))).toMatch(/^HTTP\/1\.1 413 /);
    const body = JSON.stringify({ user_id: 'p', messages: [{ role: 'user', content: 'hi' }] });
    expect(await raw(http, head(body.length), body)).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
    );
  });

  it('answers requests that are not HTTP with a problem', async () => {
    expect(await raw(http, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/);
    const long = `GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(http, long)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('accepts one upload of up to 20 MB and no more, whatever the fields', async () => {
    const upload = (bytes: number, fields: Record<string, string> = {}, name = 'file') => {
      const form = new FormData();
      form.set(name, new Blob([new Uint8Array(bytes).fill(97)]), '../../etc/passwd');
      for (const [field, value] of Object.entries(fields)) form.set(field, value);
      return http.call('POST', '/v1/kb/upload', { key, body: form });
    };
    const accepted = await upload(20 * MEGABYTE, { metadata: '{"team":"orders"}' });
    expect([accepted.status, accepted.body['status']]).toEqual([202, 'queued']);
    expect((await upload(20 * MEGABYTE + 1)).status).toBe(413);
    expect((await upload(30 * MEGABYTE)).status).toBe(413);
    for (const [fields, name] of [
      [{ metadata: 'not json' }, 'file'],
      [{ metadata: '{"a":{"$ne":1}}' }, 'file'],
      [{ nope: '1' }, 'file'],
      [{}, 'other'],
    ] as const) {
      expect([fields, (await upload(10, fields, name)).status]).toEqual([fields, 400]);
    }
    expect((await upload(10, { tenant_id: 'b' })).status).toBe(403);
    expect((await upload(0)).body['code']).toBe('no_text');
  });

  it('refuses truncated forms and forms without a file', async () => {
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    for (const body of [
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      '--x--\r\n',
      'junk',
    ]) {
      expect([body, (await http.call('POST', '/v1/kb/upload', { key, headers, body })).status]).toEqual([
        body,
        400,
      ]);
    }
  });

  it('reveals no causes, paths or stack traces when something breaks inside', async () => {
    const secret = 'MongoServerError at /srv/app/store.js: password hunter2';
    const broken = await startHttpFixture({
      deps: { ready: () => Promise.reject(new Error(secret)) },
    });
    try {
      const answer = await broken.call('GET', '/ready');
      expect([answer.status, answer.body['code']]).toEqual([500, 'internal_error']);
      expect(answer.text).not.toMatch(/Mongo|store\.js|hunter2|at /);
      expect(broken.logged.map(({ sentence }) => sentence)).toContain('request failed');
    } finally {
      await broken.close(1000);
    }
  });
});
