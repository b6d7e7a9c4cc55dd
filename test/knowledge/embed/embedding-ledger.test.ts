import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { createGeminiEmbedding, createOpenAiEmbedding } from '../../../src/knowledge/index.js';
import { createQuestionEmbedder } from '../../../src/knowledge/embed/question-embedder.js';
import { dayIn } from '../../../src/lib/time/calendar.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { RecordedUsage } from '../../../src/llm/index.js';
import { EmbeddingServer } from '../../fakes/embedding-server.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';

const ZONE = 'Asia/Jakarta';
const never = new AbortController().signal;
const common = { clock: systemClock, makeId, logger: silentLogger };
const usage = new RecordedUsage({ ...common, warn: () => Promise.resolve() });
const priceOf = (_provider: string, _model: string, { inputTokens }: { readonly inputTokens: number }) =>
  inputTokens * 10;
const server = new EmbeddingServer(8);

let store: TestStore;
let scope: TenantScope;
let tenants = 0;
beforeAll(async () => {
  [store] = await Promise.all([openTestStore(), server.start()]);
});
beforeEach(async () => {
  tenants += 1;
  await store.service.putTenant(`t${tenants}`, tenantSettingsSchema.parse({ name: 'T', timezone: ZONE }));
  const opened = await store.service.scope(`t${tenants}`);
  if (opened === undefined) throw new Error('no scope');
  scope = opened;
  Object.assign(server, { failure: undefined, tokens: 7 });
  server.seen.length = 0;
});
afterAll(async () => {
  server.stop();
  await store.close();
});

const remote = { apiKey: 'k', modelName: 'small', dimensions: 8, billing: { ...common, usage, priceOf } };
const openAi = () =>
  createOpenAiEmbedding({ ...remote, baseUrl: `${server.url}/v1`, fetch, clock: systemClock });
const gemini = () => createGeminiEmbedding({ ...remote, baseUrl: server.url });
async function ledger() {
  const day = dayIn(ZONE, new Date());
  return usage.report(scope, { from: day, to: day, groupBy: 'purpose' });
}

describe('embedding calls', () => {
  it('are recorded with their tokens, one row per request, failed ones too', async () => {
    const texts = Array.from({ length: 600 }, (_, index) => `text ${index}`);
    await openAi().embed(texts, 'passage', never, scope);
    server.failure = { status: 503 };
    await expect(openAi().embed(['x'], 'query', never, scope)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await ledger()).toMatchObject([
      {
        key: 'embedding',
        turns: 0,
        calls: 3,
        failedCalls: 1,
        estimatedCalls: 0,
        inputTokens: 14,
        costMicros: 140,
      },
    ]);
  });

  it('are estimated and marked as such if the vendor reports no tokens', async () => {
    server.tokens = undefined;
    await openAi().embed(['twelve chars'], 'passage', never, scope);
    await gemini().embed(['nine char'], 'query', never, scope);
    expect(await ledger()).toMatchObject([{ calls: 2, estimatedCalls: 2, inputTokens: 4 + 3 }]);
  });

  it('are skipped if the budget does not cover them, without marking the model as down for others', async () => {
    await usage.setBudget(scope, { dayMicros: 20 });
    await expect(openAi().embed(['some text'], 'passage', never, scope)).rejects.toMatchObject({
      kind: 'over-budget',
    });
    const embedder = createQuestionEmbedder({ ...common, model: openAi() });
    for (const text of ['first question', 'second question', 'third question']) {
      expect(await embedder.vectorsOf([text], scope)).toBeUndefined();
    }
    expect(server.seen).toHaveLength(0);
    await usage.setBudget(scope, { dayMicros: 20_000 });
    expect(await embedder.vectorsOf(['first question'], scope)).toHaveLength(1);
  });

  it('made on behalf of no tenant are charged to none', async () => {
    await openAi().embed(['a check by the operator'], 'query', never);
    expect(await ledger()).toEqual([]);
  });
});
