import { describe, expect, it } from 'vitest';
import { RetrievalError, type Retriever, type SearchRequest } from '../../src/contracts/retriever.js';
import { createSearchKnowledgeTool, currentTimeTool } from '../../src/tools/index.js';
import { toolContract } from '../contracts/tool.js';
import { toolContext } from './tool-context.js';

const hours = {
  days: {
    mon: [
      { open: '13:00', close: '17:00' },
      { open: '08:00', close: '12:00' },
    ],
    fri: [{ open: '08:00', close: '17:00' }],
  },
  holidays: [{ date: '2026-01-05', name: 'Inventory' }],
};
const jakarta = { timezone: 'Asia/Jakarta', business_hours: hours };

const requests: SearchRequest[] = [];
const retriever: Retriever = {
  search(request) {
    requests.push(request);
    const hit = {
      documentId: 'd1',
      chunkId: 'c1',
      title: 'Prices',
      text: 'Kaos polos: Rp75.000. '.repeat(200),
      locale: undefined,
      score: 0.87654,
      scores: {},
      coverage: 1,
    };
    return Promise.resolve({ hits: [hit], tookMs: 1, indexRevision: 1 });
  },
};

toolContract('current_time', () => ({
  tool: currentTimeTool,
  context: toolContext(jakarta),
  validInput: {},
  invalidInputs: [],
}));

toolContract('search_knowledge', () => ({
  tool: createSearchKnowledgeTool({ retriever: () => retriever }),
  context: toolContext(),
  validInput: { query: 'kaos' },
  invalidInputs: [{}, { query: ' ' }, { query: 'x'.repeat(301) }, { query: 'x', limit: 9 }],
}));

describe('the current-time tool', () => {
  const at = (now: string, timezone = 'Asia/Jakarta') =>
    currentTimeTool.run({}, toolContext({ ...jakarta, timezone }, new Date(now)));

  it("reports the time in the business's time zone, across midnight and daylight saving changes", async () => {
    expect(await at('2026-01-04T17:05:00Z')).toMatchObject({ now: '2026-01-05 00:05', weekday: 'Monday' });
    expect(await at('2026-07-01T22:30:00Z', 'Europe/Berlin')).toMatchObject({ now: '2026-07-02 00:30' });
    expect(await at('2026-01-01T22:30:00Z', 'Europe/Berlin')).toMatchObject({ now: '2026-01-01 23:30' });
  });

  it('reports whether the business is open, until when, or when it opens next', async () => {
    expect(await at('2026-01-12T01:00:00Z')).toMatchObject({ opening: { state: 'open', until: '12:00' } });
    expect(await at('2026-01-12T05:00:00Z')).toMatchObject({
      opening: { state: 'closed', opensNext: { date: '2026-01-12', time: '13:00' } },
    });
  });

  it('names a holiday, and says so if no hours are known', async () => {
    // The holiday is a Monday, so Friday comes next.
    expect(await at('2026-01-05T03:00:00Z')).toMatchObject({
      holiday: 'Inventory',
      opening: { state: 'closed', opensNext: { date: '2026-01-09', time: '08:00' } },
    });
    const unknown = await currentTimeTool.run({}, toolContext({}, new Date('2026-01-05T03:00:00Z')));
    expect(unknown).toMatchObject({ opening: { state: 'unknown' } });
  });
});

describe('the knowledge-search tool', () => {
  it('asks the retriever of this business and cuts long passages', async () => {
    const tenants: string[] = [];
    const tool = createSearchKnowledgeTool({
      retriever: (scope) => {
        tenants.push(scope.tenantId);
        return retriever;
      },
    });
    const result = await tool.run({ query: 'kaos', limit: 3 }, toolContext());
    expect(tenants).toEqual(['melati']);
    expect(requests.at(-1)).toEqual({ query: 'kaos', topK: 3, mode: 'hybrid' });
    expect(result).toMatchObject({ passages: [{ document_id: 'd1', title: 'Prices', score: 0.88 }] });
    expect(JSON.stringify(result).length).toBeLessThan(2000);
  });

  it('fails with a message of its own if the search is down', async () => {
    const down: Retriever = {
      search: () => Promise.reject(new RetrievalError('unavailable', 'index at /data')),
    };
    const tool = createSearchKnowledgeTool({ retriever: () => down });
    await expect(tool.run({ query: 'kaos', limit: 3 }, toolContext())).rejects.toMatchObject({
      kind: 'failed',
      message: 'The documents cannot be searched right now.',
    });
  });
});
