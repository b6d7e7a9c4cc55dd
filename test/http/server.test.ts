import { EVENT_TYPES } from '../../src/contracts/events.js';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnowledgeError } from '../../src/contracts/knowledge.js';
import { StoreError } from '../../src/contracts/stores.js';
import { toProblem } from '../../src/http/to-problem.js';
import type { HttpFixture } from './support/http-fixture.js';
import { ADMIN_KEY, startHttpFixture } from './support/http-fixture.js';

interface OpenApi {
  readonly openapi: string;
  readonly webhooks: Readonly<Record<string, unknown>>;
  readonly paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Record<string, { schema: unknown; example?: unknown }> };
  readonly responses: Record<
    string,
    { description?: string; content?: Record<string, { example?: unknown }> }
  >;
}

describe('the HTTP server', () => {
  let http: HttpFixture;
  let key: string;
  beforeAll(async () => {
    const pagesFolder = mkdtempSync(join(tmpdir(), 'sapa-pages-'));
    writeFileSync(join(pagesFolder, 'index.html'), '<!doctype html><title>Chat</title>');
    writeFileSync(join(pagesFolder, 'widget.js'), 'void 0;');
    writeFileSync(join(pagesFolder, '.secret.txt'), 'hidden');
    http = await startHttpFixture({ deps: { pagesFolder } });
    key = await http.tenant('a');
  });
  afterAll(() => http.close(1000));

  it('is healthy and ready, and shows its metrics to the global key', async () => {
    for (const path of ['/health', '/v1/health'])
      expect((await http.call('GET', path)).body).toEqual({ status: 'ok' });
    expect((await http.call('GET', '/ready')).body).toEqual({ status: 'ready', checks: { store: 'ok' } });
    const metrics = await http.call('GET', '/metrics', { key: ADMIN_KEY });
    expect([metrics.headers.get('content-type'), metrics.text]).toEqual([
      'text/plain; version=0.0.4',
      'sapa_up 1\n',
    ]);
  });

  it('accepts a route with and without a trailing slash', async () => {
    for (const path of ['/v1/workspaces', '/workspaces', '/v1/faq/', '/v1/health/']) {
      expect([path, (await http.call('GET', path, { key })).status]).toEqual([path, 200]);
    }
  });

  it('puts a request id on every answer, and accepts a given one only if it is harmless', async () => {
    const id = async (requestId: string) =>
      (await http.call('GET', '/nope', { headers: { 'X-Request-Id': requestId } })).headers.get(
        'x-request-id',
      );
    expect(await id('trace-12345678')).toBe('trace-12345678');
    expect(await id('<script>alert(1)</script>')).toMatch(/^req_/);
    const problem = await http.call('GET', '/nope');
    expect(problem.body).toMatchObject({
      type: 'urn:sapa:problem:route_not_found',
      title: 'Not Found',
      status: 404,
      code: 'route_not_found',
      request_id: problem.headers.get('x-request-id'),
    });
  });

  it('describes every route in OpenAPI 3.1 with valid examples', async () => {
    const document = (await http.call('GET', '/openapi.json')).body as unknown as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.webhooks).sort()).toEqual([...EVENT_TYPES].sort());
    const ids = new Set<string>();
    for (const route of http.routes) {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      if (operation === undefined) throw new Error(`${route.path} is not described`);
      ids.add(operation.operationId);
      const inPath = operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(inPath.map((name) => `{${name}}`)).toEqual(route.path.match(/\{\w+\}/g) ?? []);
      if (route.body?.type === 'json')
        expect(route.body.schema.safeParse(route.body.example).success).toBe(true);
      for (const [status, response] of Object.entries(route.responses)) {
        if (response.schema === undefined) continue;
        const parsed = response.schema.safeParse(response.example);
        expect([route.path, status, parsed.error?.issues]).toEqual([route.path, status, undefined]);
      }
    }
    expect(ids.size).toBe(http.routes.length);
  });

  it('shows its documentation as a page without scripts or external requests', async () => {
    const page = await http.call('GET', '/docs');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).not.toMatch(/<script|src=|url\(|@import|href="https?:/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'sha256-");
    for (const route of http.routes) expect(page.text).toContain(`<code>${route.path}</code>`);
  });

  it('serves the files of its pages, but nothing hidden or beside them', async () => {
    const page = await http.call('GET', '/');
    expect(page.text).toContain('<title>Chat</title>');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const widget = await http.call('GET', '/widget.js');
    expect(widget.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(widget.headers.get('access-control-allow-origin')).toBe('*');
    const cached = await http.call('GET', '/widget.js', {
      headers: { 'If-None-Match': widget.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' },
    });
    expect(cached.status).toBe(304);
    expect((await http.call('POST', '/')).status).toBe(405);
    for (const path of ['/.secret.txt', '/..%2fpackage.json', '/package.json']) {
      expect((await http.call('GET', path)).status).toBe(404);
    }
  });

  it('runs a write once per Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'faq-1' };
    const json = { question: 'q', answer: 'a' };
    const first = await http.call('POST', '/v1/faq', { key, headers, json });
    const again = await http.call('POST', '/v1/faq', { key, headers, json: { answer: 'a', question: 'q' } });
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect(await (await http.scope('a')).faq.all()).toHaveLength(1);
    expect(
      (await http.call('POST', '/v1/faq', { key, headers, json: { ...json, answer: 'b' } })).status,
    ).toBe(422);
    const bad = await http.call('POST', '/v1/faq', { key, headers: { 'Idempotency-Key': 'a b' }, json });
    expect(bad.body['code']).toBe('invalid_idempotency_key');
  });

  it('forgets the key of a failed write, so that it may be retried', async () => {
    const headers = { 'Idempotency-Key': 'import-1' };
    const send = (body: string) =>
      http.call('POST', '/v1/faq/import', { key, headers: { ...headers, 'Content-Type': 'text/csv' }, body });
    const failed = await send('no header');
    expect([failed.status, failed.body['code']]).toEqual([400, 'invalid_csv']);
    expect((await send('question,answer\nq,a\n')).body).toEqual({ imported: 1 });
  });

  it('maps internal failures to stable codes', () => {
    const problemOf = (error: unknown) => {
      const { status, code, options } = toProblem(error);
      return [status, code, options.headers?.['Retry-After']];
    };
    expect(problemOf(new StoreError('unavailable', 'mongo at 10.0.0.1'))).toEqual([503, 'unavailable', '2']);
    expect(problemOf(new StoreError('full', 'ENOSPC'))).toEqual([507, 'storage_full', undefined]);
    expect(problemOf(new KnowledgeError('unsupported-type', 'x'))).toEqual([
      415,
      'unsupported_document',
      undefined,
    ]);
    expect(problemOf(new KnowledgeError('too-large', 'x'))).toEqual([413, 'document_too_large', undefined]);
    expect(problemOf(new TypeError('x is not a function'))).toEqual([500, 'internal_error', undefined]);
    expect(toProblem(new StoreError('unavailable', 'mongo at 10.0.0.1')).detail).not.toContain('10.0.0.1');
  });

  it('finishes running requests when it closes, and cuts those that take too long', async () => {
    const closing = await startHttpFixture();
    const own = await closing.tenant('a');
    const ask = (text: string) =>
      closing.call('POST', '/v1/chat', {
        key: own,
        json: { user_id: 'p', messages: [{ role: 'user', content: text }] },
      });
    let open = (): void => undefined;
    closing.intake.gate = new Promise((resolve) => (open = resolve));
    const running = ask('running');
    while (closing.intake.accepted.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    closing.intake.gate = new Promise(() => undefined);
    const stuck = ask('stuck').catch((error: unknown) => error);
    while (closing.intake.accepted.size < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = closing.close(500);
    open();
    expect((await running).status).toBe(200);
    await closed;
    expect(await stuck).toBeInstanceOf(Error);
  });
});
