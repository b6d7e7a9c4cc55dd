import { describe, expect, it } from 'vitest';
import { RetrievalError, type Retriever, type SearchRequest } from '../../src/contracts/retriever.js';
import { localTime, openingState } from '../../src/tools/builtin/opening-state.js';
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

describe('the time at the business', () => {
  it('is told in its own time zone, also across midnight and daylight saving', () => {
    expect(localTime(new Date('2026-01-04T17:05:00Z'), 'Asia/Jakarta')).toEqual({
      date: '2026-01-05',
      weekday: 'mon',
      time: '00:05',
    });
    expect(localTime(new Date('2026-07-01T22:30:00Z'), 'Europe/Berlin').time).toBe('00:30');
    expect(localTime(new Date('2026-01-01T22:30:00Z'), 'Europe/Berlin').time).toBe('23:30');
  });

  it.each([
    ['2026-01-12T01:00:00Z', true, '12:00', undefined],
    ['2026-01-12T05:00:00Z', false, undefined, '2026-01-12 13:00'],
    ['2026-01-12T09:59:00Z', true, '17:00', undefined],
    ['2026-01-12T10:00:00Z', false, undefined, '2026-01-16 08:00'],
    // The Monday after is a holiday, so Friday comes next.
    ['2026-01-04T12:00:00Z', false, undefined, '2026-01-09 08:00'],
    ['2026-01-05T03:00:00Z', false, undefined, '2026-01-09 08:00'],
  ])('at %s open is %s', (now, isOpen, closesAt, opensAt) => {
    const state = openingState(hours, localTime(new Date(now), 'Asia/Jakarta'));
    expect(state?.isOpen).toBe(isOpen);
    expect(state?.closesAt).toBe(closesAt);
    expect(state?.opensAt && `${state.opensAt.date} ${state.opensAt.time}`).toBe(opensAt);
  });

  it('names a holiday, and says so when no hours are known', async () => {
    const onHoliday = await currentTimeTool.run({}, toolContext(jakarta, new Date('2026-01-05T03:00:00Z')));
    expect(onHoliday).toMatchObject({
      weekday: 'mon',
      opening: { isOpen: false, today: [], holiday: 'Inventory' },
    });
    const unknown = await currentTimeTool.run({}, toolContext({}, new Date('2026-01-05T03:00:00Z')));
    expect(unknown).toMatchObject({ opening: 'the business has not told its opening hours' });
  });
});

describe('the search of the knowledge', () => {
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

  it('fails in its own words when the search is down', async () => {
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
