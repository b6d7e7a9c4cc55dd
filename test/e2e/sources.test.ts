import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWebSite, type SitePage, type WebSite } from '../fakes/web-site.js';
import { makePdf } from '../knowledge/parse/make-pdf.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const page = (title: string, text: string, ...links: string[]): SitePage => ({
  body: `<!doctype html><html><head><title>${title}</title></head><body>
    <nav>${links.map((link) => `<a href="${link}">more</a>`).join(' ')}</nav>
    <main><h1>${title}</h1><p>${text}</p></main></body></html>`,
});

let sapa: RunningSapa;
let shop: SapaClient;
let site: WebSite;
beforeAll(async () => {
  sapa = await startSapa({ env: { SEED_DEMO: 'false', OUTBOUND_ALLOW: '127.0.0.1' } });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'garden' });
  await shop.call('PUT', '/v1/tenants/garden/settings', { json: { name: 'Taman Rindang' } });
}, 120_000);
afterAll(() => sapa.stop());
beforeEach(async () => {
  site = await startWebSite({});
  return async () => {
    for (const { source_id: id } of await sources()) await shop.call('DELETE', `/v1/kb/sources/${id}`);
    await site.close();
  };
});

interface Source {
  readonly source_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly code: string | null;
  readonly last_synced_at: string | null;
  readonly documents: readonly { readonly document_id: string; readonly url: string }[];
}

async function sources(): Promise<readonly Source[]> {
  const { body } = await shop.call('GET', '/v1/kb/sources?limit=200');
  return body['items'] as Source[];
}

/** Adds the address or reads it again; returns the source once it is ready or failed. */
async function read(path: string, wish: Readonly<Record<string, unknown>> = {}): Promise<Source> {
  const { status, body, text } = await shop.call('POST', '/v1/kb/sources', {
    json: { url: site.url + path, ...wish },
  });
  expect(status, text).toBe(202);
  const id = String(body['source_id']);
  const result = await eventually(
    async () => (await shop.call('GET', `/v1/kb/sources/${id}`)).body as unknown as Source,
    (source) => ['ready', 'failed'].includes(source.status),
  );
  return result;
}

async function found(query: string): Promise<readonly string[]> {
  const { body } = await shop.call('POST', '/v1/kb/search', { json: { query, mode: 'keyword' } });
  return (body['hits'] as { text: string }[]).map((hit) => hit.text);
}

const pathsOf = ({ documents }: Source): string[] => documents.map(({ url }) => new URL(url).pathname).sort();

describe('a web address as a knowledge source', () => {
  it('is read with the pages of the same site up to its depth, and answers questions', async () => {
    site.pages.set(
      '/help',
      page(
        'Help',
        'Ferns are watered every second day.',
        '/care',
        '/prices.pdf',
        'https://other.invalid/x',
        '/photo.jpg',
      ),
    );
    site.pages.set('/care', page('Care', 'Cacti are watered once a month.', '/deep', '/help#top'));
    site.pages.set('/deep', page('Deep', 'Nobody comes as far as this orchid.'));
    site.pages.set('/prices.pdf', {
      type: 'application/pdf',
      body: makePdf([[{ text: 'A bonsai in a pot costs 350.000.', y: 700 }]]),
    });
    const { status, body } = await shop.call('POST', '/v1/kb/sources', {
      json: { url: `${site.url}/help`, depth: 1, schedule: '0 3 * * *' },
    });
    expect(status).toBe(202);
    const [promised] = body['document_ids'] as string[];
    expect((await shop.call('GET', `/v1/kb/documents/${promised}`)).status).toBe(200);

    const source = await read('/help', { depth: 1, schedule: '0 3 * * *' });
    expect(source).toMatchObject({ status: 'ready', reason: null, depth: 1, schedule: '0 3 * * *' });
    expect(source.last_synced_at).not.toBeNull();
    expect(pathsOf(source)).toEqual(['/care', '/help', '/prices.pdf']);
    expect(source.documents.map((document) => document.document_id)).toContain(promised);
    expect(await found('bonsai')).toEqual([expect.stringContaining('350.000')]);
    expect(await found('orchid')).toEqual([]);
    expect((await shop.chat('How often are cacti watered?')).answer).toContain('once a month');
    expect(site.log.every(({ agent }) => agent.startsWith('SapaBot'))).toBe(true);
    expect(site.log.map(({ path }) => path)).not.toContain('/photo.jpg');
  });

  it('replaces changed pages, drops vanished ones and reloads no others when it is read again', async () => {
    site.pages.set('/', page('Home', 'The garden opens at eight.', '/a', '/b'));
    site.pages.set('/a', page('A', 'Bamboo grows behind the pond.'));
    site.pages.set('/b', page('B', 'Tulips bloom in the greenhouse.'));
    expect(pathsOf(await read('/', { depth: 1 }))).toEqual(['/', '/a', '/b']);
    const before = (await shop.call('GET', '/v1/kb/documents')).body['items'] as { title: string }[];

    site.log.length = 0;
    site.pages.set('/a', page('A', 'Bamboo now grows beside the gate.'));
    site.pages.delete('/b');
    const source = await read('/', { depth: 1 });
    expect(pathsOf(source)).toEqual(['/', '/a']);
    expect(await found('bamboo')).toEqual([expect.stringContaining('beside the gate')]);
    expect(await found('tulips')).toEqual([]);
    expect(site.log.find(({ path }) => path === '/')?.status).toBe(304);
    const after = (await shop.call('GET', '/v1/kb/documents')).body['items'] as { title: string }[];
    expect(after.find(({ title }) => title === 'Home')).toEqual(before.find(({ title }) => title === 'Home'));
    expect(after.find(({ title }) => title === 'A')).toMatchObject({ revision: 2 });
  });

  it('keeps its documents while the site is down, and reports that', async () => {
    site.pages.set('/', page('Home', 'Seeds are sold by weight.', '/soil'));
    site.pages.set('/soil', page('Soil', 'Soil comes in bags of ten litres.'));
    const first = await read('/', { depth: 1 });
    site.isDown = true;
    const down = await read('/', { depth: 1 });
    expect(down).toMatchObject({
      status: 'failed',
      code: 'unreachable',
      last_synced_at: first.last_synced_at,
    });
    expect(down.reason).toContain('could not be reached');
    expect(await found('litres')).toHaveLength(1);

    site.isDown = false;
    site.pages.set('/soil', { status: 500, body: 'oops' });
    const partly = await read('/', { depth: 1 });
    expect(partly).toMatchObject({ status: 'ready', code: 'some_pages' });
    expect(partly.reason).toContain('/soil');
    expect(await found('litres')).toHaveLength(1);
  });

  it('can change its schedule and depth even if the limit of addresses is reached', async () => {
    const add = (path: string, more: object = {}) =>
      shop.call('POST', '/v1/kb/sources', { json: { url: site.url + path, ...more } });
    for (let n = 0; n < 100; n += 1) expect((await add(`/n${n}`)).status).toBe(202);
    expect((await add('/one-more')).text).toContain('too_many_sources');
    const { status, body } = await add('/n7#top', { schedule: '0 4 * * *', depth: 2 });
    expect(status).toBe(202);
    const source = await shop.call('GET', `/v1/kb/sources/${String(body['source_id'])}`);
    expect(source.body).toMatchObject({ schedule: '0 4 * * *', depth: 2 });
  });

  it('is removed together with its documents', async () => {
    site.pages.set('/', page('Home', 'A gazebo can be rented for weddings.', '/two'));
    site.pages.set('/two', page('Two', 'Peacocks walk about freely.'));
    const { source_id: id } = await read('/', { depth: 1 });
    expect(await found('peacocks')).toHaveLength(1);
    expect((await shop.call('DELETE', `/v1/kb/sources/${id}`)).status).toBe(204);
    expect(await found('peacocks')).toEqual([]);
    expect(await found('gazebo')).toEqual([]);
    expect((await shop.call('GET', '/v1/kb/documents')).body['items']).toEqual([]);
    expect((await shop.call('DELETE', `/v1/kb/sources/${id}`)).status).toBe(404);
  });

  it('obeys robots.txt for the address itself and for its pages', async () => {
    site.pages.set('/robots.txt', { type: 'text/plain', body: 'User-agent: *\nDisallow: /private\n' });
    site.pages.set('/', page('Home', 'Maps of the garden are free.', '/private/plans'));
    site.pages.set('/private/plans', page('Plans', 'A secret maze is planned.'));
    expect(pathsOf(await read('/', { depth: 2 }))).toEqual(['/']);
    expect(site.log.map(({ path }) => path)).not.toContain('/private/plans');
    expect(await read('/private/plans')).toMatchObject({ status: 'failed', code: 'robots' });
    site.pages.set('/robots.txt', { status: 503, body: '' });
    expect(await read('/other')).toMatchObject({ status: 'failed', code: 'robots' });
  });

  it('never leads to a host that is not public', async () => {
    for (const url of [
      'http://10.0.0.1/',
      'http://169.254.169.254/latest',
      'ftp://shop.example/',
      'http://[::1]:1/',
    ]) {
      const { status } = await shop.call('POST', '/v1/kb/sources', { json: { url } });
      expect([400, 422], url).toContain(status);
    }
    site.pages.set('/trap', { status: 302, headers: { Location: 'http://10.0.0.1/admin' } });
    expect(await read('/trap')).toMatchObject({ status: 'failed', code: 'not_public', documents: [] });
  });

  it('follows redirects within the site, reads each page once, and stops at a redirect loop', async () => {
    site.pages.set('/old', { status: 301, headers: { Location: '/new' } });
    site.pages.set(
      '/new',
      page('New', 'Palms are delivered by truck.', '/new?utm_source=x', '/copy', '/away'),
    );
    site.pages.set('/copy', site.pages.get('/new') ?? {});
    site.pages.set('/away', { status: 302, headers: { Location: 'http://127.0.0.2:9/' } });
    const source = await read('/old', { depth: 1 });
    expect(source).toMatchObject({ status: 'ready', reason: null });
    expect(source.documents).toHaveLength(1);
    site.pages.set('/loop', { status: 302, headers: { Location: '/loop' } });
    expect(await read('/loop')).toMatchObject({ status: 'failed', code: 'too_many_redirects' });
  });

  it('reports why there is nothing to read: gone, a picture, a bomb', async () => {
    const missing = await read('/nothing');
    expect(missing).toMatchObject({ status: 'failed', code: 'gone' });
    const { body } = await shop.call('GET', '/v1/kb/documents');
    expect(body['items']).toMatchObject([{ status: 'failed', error: { code: 'gone' } }]);
    site.pages.set('/photo', { type: 'image/png', body: 'x' });
    expect(await read('/photo')).toMatchObject({ status: 'failed', code: 'not_text' });
    site.pages.set('/bomb', {
      body: gzipSync(Buffer.alloc(64 * 1024 * 1024)),
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(await read('/bomb')).toMatchObject({ status: 'failed', code: 'too_large' });
  });

  it('refuses a schedule without a time, and decodes pages in other encodings', async () => {
    const url = `${site.url}/x`;
    const { status, text } = await shop.call('POST', '/v1/kb/sources', { json: { url, schedule: 'daily' } });
    expect(status).toBe(400);
    expect(text).toContain('schedule');
    expect(await sources()).toEqual([]);
    site.pages.set('/x', {
      type: 'text/html; charset=windows-1252',
      body: Buffer.from('<html><body><p>Caf\u00e9 R\u00e9union opens at nine.</p></body></html>', 'latin1'),
    });
    await read('/x');
    expect(await found('Réunion')).toEqual(['Café Réunion opens at nine.']);
  });
});
