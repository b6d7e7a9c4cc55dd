import { expect, it } from 'vitest';
import type { FetchPage } from '../../../src/knowledge/sources/fetch-page.js';
import { readSite } from '../../../src/knowledge/sources/read-site.js';
import type { StoredPage } from '../../../src/knowledge/sources/source-store.js';

const SITE = 'https://shop.example';
const signal = new AbortController().signal;

/** A site of which every page was read before, its first page linking to all others in order. */
function readAgain(pages: number, { gone }: { readonly gone: string }): ReturnType<typeof readSite> {
  const urls = Array.from({ length: pages }, (_, n) => `${SITE}/${n === 0 ? '' : n}`);
  const known = new Map(
    urls.map((url, n): [string, StoredPage] => [
      url,
      {
        url,
        documentId: url,
        sourceId: 'source',
        contentHash: url,
        links: n === 0 ? urls.slice(1) : [],
      },
    ]),
  );
  const fetchPage: FetchPage = ({ href, pathname }) =>
    Promise.resolve(
      pathname === '/robots.txt' || href === gone ? { type: 'gone', status: 404 } : { type: 'unchanged' },
    );
  const take = () => Promise.reject(new Error('nothing has changed'));
  return readSite({ url: `${SITE}/`, depth: 1 }, { fetchPage, known, take, signal, deadline: signal });
}

it('a truncated crawl keeps the pages it did not reach, but not those it found gone', async () => {
  const { kept, complete } = await readAgain(260, { gone: `${SITE}/7` });
  expect(complete).toBe(true);
  expect(kept.has(`${SITE}/259`)).toBe(true);
  expect(kept.has(`${SITE}/7`)).toBe(false);
  expect(kept.size).toBe(259);
});

it('a complete crawl drops every page that is gone', async () => {
  const { kept } = await readAgain(100, { gone: `${SITE}/99` });
  expect(kept.has(`${SITE}/99`)).toBe(false);
  expect(kept.size).toBe(99);
});
