import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaqService } from '../../../src/contracts/knowledge.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { createFaqService } from '../../../src/knowledge/faq/index.js';
import { createAnswerFinder } from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { newScope } from '../search/new-scope.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { silentLogger } from '../../fakes/silent-logger.js';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await store.close();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const HOURS = { question: 'Jam berapa toko buka?', answer: 'Jam 9.', locale: 'id' } as const;

function service(clock = systemClock): FaqService {
  return createFaqService({ clock, makeId, finder: createAnswerFinder({ clock, logger: silentLogger }) });
}

async function answer(faq: FaqService, scope: TenantScope, question: string): Promise<string | undefined> {
  const { best, threshold } = await faq.match(scope, question, 'id');
  return best !== undefined && best.score >= threshold ? best.entry.answer : undefined;
}

describe('FAQ entries', () => {
  it('match from the moment they are saved until they are removed', async () => {
    const faq = service();
    const scope = await newScope(store);
    expect((await faq.match(scope, HOURS.question, 'id')).best).toBeUndefined();
    const entry = await faq.add(scope, HOURS);
    expect(await faq.match(scope, 'JAM BERAPA TOKO BUKA', 'id')).toMatchObject({
      best: { entry, score: 1, exact: true },
    });
    expect(await answer(faq, scope, 'toko buka jam brp kak?')).toBe('Jam 9.');
    await faq.update(scope, entry.id, { answer: 'Jam 10.' });
    expect(await answer(faq, scope, 'toko buka jam brp kak?')).toBe('Jam 10.');
    expect(await faq.remove(scope, entry.id)).toBe(true);
    expect(await answer(faq, scope, HOURS.question)).toBeUndefined();
    expect(await faq.remove(scope, entry.id)).toBe(false);
    expect(await faq.update(scope, entry.id, { answer: 'x' })).toBeUndefined();
  });

  it('have one answer: adding the same question in the same language replaces it', async () => {
    const faq = service();
    const scope = await newScope(store);
    const first = await faq.add(scope, HOURS);
    const again = await faq.add(scope, { ...HOURS, question: `${HOURS.question}!`, answer: 'Jam 8.' });
    expect(again.id).toBe(first.id);
    expect(await answer(faq, scope, HOURS.question)).toBe('Jam 8.');
    expect((await faq.add(scope, { ...HOURS, locale: 'en' })).id).not.toBe(first.id);
    expect(await scope.faq.all()).toHaveLength(2);
    const csv = Buffer.from(
      'question,answer\nAda parkir?,Ada.\nada parkir,Ada banyak.\nJam berapa toko buka?,Jam 7.\n',
    );
    for (const time of [1, 2]) {
      expect([time, await faq.importCsv(scope, csv, 'id')]).toEqual([time, { imported: 3 }]);
      expect(await scope.faq.all()).toHaveLength(3);
    }
    expect(await answer(faq, scope, 'ada parkir?')).toBe('Ada banyak.');
    expect(await answer(faq, scope, HOURS.question)).toBe('Jam 7.');
  });

  it('have one answer even if several processes add the same question at once', async () => {
    const scope = await newScope(store);
    const entries = await Promise.all(
      [service(), service(), service()].flatMap((each, process) =>
        Array.from({ length: 7 }, (_, n) => each.add(scope, { ...HOURS, answer: `Jam ${process}.${n}.` })),
      ),
    );
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
    expect(await scope.faq.all()).toHaveLength(1);
  });

  it('of one business answer nobody else’s questions', async () => {
    const faq = service();
    const [one, other] = await Promise.all([newScope(store), newScope(store)]);
    await faq.add(one, HOURS);
    expect(await answer(faq, one, HOURS.question)).toBe('Jam 9.');
    expect((await faq.match(other, HOURS.question, 'id')).best).toBeUndefined();
  });

  it('written by another process are picked up within a quarter of a second', async () => {
    const clock = new ManualClock();
    const faq = service(clock);
    const scope = await newScope(store);
    expect(await answer(faq, scope, HOURS.question)).toBeUndefined();
    await service().add(scope, HOURS);
    clock.advance(250);
    await expect.poll(() => answer(faq, scope, HOURS.question)).toBe('Jam 9.');
  });

  it('are trimmed, and refused if empty or too long', async () => {
    const faq = service();
    const scope = await newScope(store);
    expect(await faq.add(scope, { ...HOURS, question: '  Buka? ' })).toMatchObject({ question: 'Buka?' });
    for (const [change, kind] of [
      [{ question: ' ' }, 'no-text'],
      [{ answer: '' }, 'no-text'],
      [{ question: 'x'.repeat(501) }, 'too-large'],
      [{ answer: 'x'.repeat(4_001) }, 'too-large'],
    ] as const) {
      await expect(faq.add(scope, { ...HOURS, ...change })).rejects.toMatchObject({
        name: 'KnowledgeError',
        kind,
      });
      await expect(faq.update(scope, 'any', change)).rejects.toMatchObject({ kind });
    }
    expect(await scope.faq.all()).toHaveLength(1);
  });

  it('are imported from a CSV file all together or not at all', async () => {
    const faq = service();
    const scope = await newScope(store);
    const broken = bytes('question,answer\nBuka?,Ya\nTutup?,\n');
    await expect(faq.importCsv(scope, broken, 'id')).rejects.toMatchObject({
      kind: 'invalid-csv',
      options: { row: 3 },
    });
    expect(await scope.faq.all()).toEqual([]);
    expect(await faq.importCsv(scope, bytes('question,answer\nBuka?,Ya\nAda parkir?,Ada\n'), 'id')).toEqual({
      imported: 2,
    });
    expect(await answer(faq, scope, 'parkir ada kak?')).toBe('Ada');
    expect(await faq.importCsv(scope, bytes('question,answer\n'), 'id')).toEqual({ imported: 0 });
  });
});
