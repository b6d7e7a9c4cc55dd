import { afterEach, describe, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { DEMO_TENANT_ID, seedDemo, type SeedDemoOptions } from '../../src/seed/seed-demo.js';
import { openShop, type Shop } from '../commands/open-shop.js';
import { demoQuestions } from '../fixtures/demo-questions.js';

const DOCUMENTS = 9;
let shop: Shop;
afterEach(() => shop.close());

const options = (): SeedDemoOptions => ({
  service: shop.service,
  knowledge: shop.services.knowledge,
  faq: shop.services.faq,
  clock: shop.shared.clock,
  logger: shop.shared.logger,
  signal: AbortSignal.timeout(30_000),
});

async function demo(): Promise<TenantScope> {
  const scope = await shop.service.scope(DEMO_TENANT_ID);
  if (!scope) throw new Error('the sample business is missing');
  return scope;
}

const states = async (): Promise<string[]> =>
  (await (await demo()).documents.list({ limit: 50 })).items.map(({ status }) => status);

describe('the sample business', () => {
  it('is complete after the first start and finds what its customers ask for', async () => {
    shop = await openShop();
    expect(await seedDemo(options())).toBe(true);
    const scope = await demo();
    expect(scope.settings.name).toBe('Kawung Kopi & Batik');
    expect((await scope.faq.all()).length).toBeGreaterThanOrEqual(34);
    await expect.poll(states, { timeout: 60_000 }).toEqual(Array<string>(DOCUMENTS).fill('ready'));

    const { knowledge } = shop.services;
    const missed: string[] = [];
    for (const { question, pattern, source } of demoQuestions.answerable) {
      if (source !== 'knowledge') continue;
      const request = { query: question, topK: 5, mode: 'hybrid' } as const;
      const { hits } = await knowledge.retriever(scope).search(request, AbortSignal.timeout(10_000));
      if (!hits.some(({ text }) => new RegExp(pattern, 'is').test(text))) missed.push(question);
    }
    expect(missed).toEqual([]);
  });

  it("answers its customers' questions or asks which is meant, and stays silent on foreign ones", async () => {
    shop = await openShop();
    await seedDemo(options());
    const scope = await demo();
    await expect.poll(states, { timeout: 60_000 }).toEqual(Array<string>(DOCUMENTS).fill('ready'));
    const missed: string[] = [];
    for (const { question, locale, pattern } of demoQuestions.answerable) {
      const found = await shop.finder.find(scope, { text: question, before: [], locale });
      const answers =
        found.type === 'sure' ? [found.answer, ...found.more] : found.type === 'close' ? found.choices : [];
      if (!answers.some(({ text }) => new RegExp(pattern, 'is').test(text))) missed.push(question);
    }
    // Questions about opening hours are answered from the settings.
    expect(missed.length / demoQuestions.answerable.length, missed.join('\n')).toBeLessThan(0.12);
    const answeredQuestions: string[] = [];
    for (const { question, locale } of demoQuestions.unanswerable) {
      const finding = await shop.finder.find(scope, { text: question, before: [], locale });
      if (finding.type === 'sure') answeredQuestions.push(question);
    }
    expect(answeredQuestions).toEqual([]);
  });

  it('stays as its admin left it on later starts', async () => {
    shop = await openShop();
    await seedDemo(options());
    const scope = await demo();
    const [entry] = await scope.faq.all();
    await shop.services.faq.remove(scope, entry?.id ?? '');
    await shop.services.knowledge.remove(scope, 'care-guide');
    await shop.services.updateSettings(scope, { name: 'Nama Baru' });
    const entries = (await scope.faq.all()).length;

    expect(await seedDemo(options())).toBe(false);
    expect((await scope.faq.all()).length).toBe(entries);
    expect(await states()).toHaveLength(DOCUMENTS - 1);
    expect((await demo()).settings.name).toBe('Nama Baru');
  });

  it('continues where an interrupted start stopped, without doing anything twice', async () => {
    shop = await openShop();
    const { knowledge } = shop.services;
    let left = 2;
    const failing: SeedDemoOptions['knowledge'] = {
      upload: (...file) => knowledge.upload(...file),
      upsert(scope, document) {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('the power failed')) : knowledge.upsert(scope, document);
      },
    };
    await expect(seedDemo({ ...options(), knowledge: failing })).rejects.toThrow('the power failed');
    const entries = (await (await demo()).faq.all()).length;
    expect(await states()).toHaveLength(5);

    expect(await seedDemo(options())).toBe(true);
    expect((await (await demo()).faq.all()).length).toBe(entries);
    expect(await states()).toHaveLength(DOCUMENTS);
  });

  it('is created once if two processes start together', async () => {
    shop = await openShop();
    const results = await Promise.all([seedDemo(options()), seedDemo(options())]);
    expect(results.sort()).toEqual([false, true]);
    expect(await states()).toHaveLength(DOCUMENTS);
  });

  it('keeps the settings of a business that already existed', async () => {
    shop = await openShop();
    await shop.service.putTenant(DEMO_TENANT_ID, tenantSettingsSchema.parse({ name: 'Milik Sendiri' }));
    await seedDemo(options());
    expect((await demo()).settings.name).toBe('Milik Sendiri');
  });
});
