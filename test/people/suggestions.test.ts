import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TenantScope } from '../../src/contracts/stores.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { SuggestionDesk } from '../../src/people/index.js';
import { i18n } from '../commands/open-shop.js';
import { noEvents } from '../fakes/no-events.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { newScope } from '../knowledge/search/new-scope.js';

const suggestions = new SuggestionDesk({
  outreach: {
    say: () => Promise.reject(new Error('there are no staff')),
    findByKey: () => Promise.resolve(undefined),
  },
  findAccount: () => undefined,
  events: noEvents,
  i18n,
  clock: systemClock,
});
let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore();
  scope = await newScope(store);
});
afterAll(() => store.close());

const openOnes = async () => (await suggestions.open(scope, undefined, { limit: 10 })).items;

it('a suggested fact that now belongs to somebody else is not accepted and may be suggested again', async () => {
  const ani = await scope.contacts.create({ name: 'Ani' }, new Date());
  const said = { email: 'ani@example.com' };
  await suggestions.suggestFacts(scope, ani, said);
  const [suggestion] = await openOnes();
  const other = await scope.contacts.create({ name: 'Ana', ...said }, new Date());

  expect(await suggestions.decide(scope, suggestion?.id ?? '', true)).toEqual({ type: 'gone' });
  expect(await openOnes()).toEqual([]);

  await scope.contacts.update(other.id, { email: null });
  await suggestions.suggestFacts(scope, ani, said);
  const [again] = await openOnes();
  expect(await suggestions.decide(scope, again?.id ?? '', true)).toMatchObject({ type: 'kept' });
  expect(await scope.contacts.get(ani.id)).toMatchObject(said);
  expect(await suggestions.decide(scope, again?.id ?? '', true)).toEqual({ type: 'gone' });
});

it('one of two opposite decisions made at once takes place, and the other is told that it is decided', async () => {
  for (let round = 0; round < 12; round += 1) {
    const email = `budi${round}@example.com`;
    const budi = await scope.contacts.create({ name: 'Budi' }, new Date());
    await suggestions.suggestFacts(scope, budi, { email });
    const [suggestion] = await openOnes();
    const decide = (accept: boolean) => suggestions.decide(scope, suggestion?.id ?? '', accept);
    const order = round % 2 === 0 ? [true, false] : [false, true];
    const outcomes = await Promise.all(order.map(decide));
    const isKept = (await scope.contacts.get(budi.id))?.email === email;
    const types = outcomes.map(({ type }) => type).toSorted();
    expect(types).toEqual([isKept ? 'gone' : 'declined', isKept ? 'kept' : 'gone'].toSorted());
    expect(await openOnes()).toEqual([]);
  }
});
