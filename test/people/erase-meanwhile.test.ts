import { afterAll, beforeAll, expect, it } from 'vitest';
import { Killed, openFollowUpDesk, type FollowUpDesk } from '../automation/follow-up-desk.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { contactExportStore } from '../../src/people/contact-export-store.js';
import { ContactExports, exportedText } from '../../src/people/contact-exports.js';
import { Erasures } from '../../src/people/erasures.js';
import { importContacts } from '../../src/people/import-contacts.js';
import { dyingAfter } from '../fakes/dying-driver.js';
import { noEvents } from '../fakes/no-events.js';
import { TestQueue } from '../knowledge/service/test-queue.js';

const MINUTE_MS = 60_000;
/** More steps than creating or sending a follow-up has. */
const STEPS = Array.from({ length: 14 }, (_, index) => index + 1);
const NAME = 'Zubaidah Rahasia';
const SECRETS = ['Zubaidah', 'kacamata merah jambu'];
const plain = { timezone: 'UTC', cancelOnReply: false, respectHours: false } as const;

let desk: FollowUpDesk;
let scope: TenantScope;
beforeAll(async () => {
  desk = await openFollowUpDesk();
  scope = await desk.tenant();
}, 60_000);
afterAll(() => desk.close());

/** Erasures whose second pass the test runs by hand. */
function openErasures() {
  const queue = new TestQueue(scope);
  const erasures = new Erasures({ queue, clock: desk.clock, events: noEvents });
  const lookAgain = async (): Promise<void> => {
    await queue.start(erasures.jobs());
    await queue.runAll();
  };
  return { erasures, lookAgain, queue };
}

async function isForgotten(where: string): Promise<void> {
  const everything = await desk.everything();
  for (const secret of SECRETS) expect(everything, `${secret}, ${where}`).not.toContain(secret);
}

it('leaves nothing of a person who is erased at any step of a follow-up to them', async () => {
  let erased = 0;
  for (const atStep of STEPS) {
    for (const work of ['made', 'sent'] as const) {
      const { erasures, lookAgain } = openErasures();
      const person = await desk.person(`${NAME} ${work} ${atStep}`);
      const meanwhile = async (): Promise<void> => {
        erased += 1;
        await erasures.erase(scope, person.contact);
      };
      const step = { atStep, when: 'before', meanwhile } as const;
      const at = new Date(desk.clock.now().getTime() + MINUTE_MS);
      const message = 'Halo, kacamata merah jambu siap.';
      const made = await desk.process(
        ({ followUps, scope: own }) => followUps.schedule(own, { ...person, ...plain, message, at }),
        work === 'made' ? step : undefined,
      );
      if (made instanceof Killed) throw new Error('not expected');
      desk.clock.advance(2 * MINUTE_MS);
      await desk.runDue(work === 'sent' ? step : undefined);
      const before = erased;
      if ((await scope.contacts.get(person.contact.id)) !== undefined) await meanwhile();
      await lookAgain();
      await desk.runDue();
      await isForgotten(`${work}, step ${atStep}`);
      expect(await desk.followUp(made.id)).toBeUndefined();
      if (erased > before) break;
    }
  }
  expect(erased).toBeGreaterThan(8);
}, 120_000);

it('completes an erasure that was killed, without another request', async () => {
  for (let writes = 1; ; writes += 1) {
    const { erasures, lookAgain, queue } = openErasures();
    const { contact } = await desk.person(`${NAME} killed ${writes}`);
    await scope.contacts.addNote({
      contactId: contact.id,
      text: 'kacamata merah jambu',
      direction: 'note',
      at: desk.clock.now(),
    });
    const outcome = await dyingAfter(writes, () => erasures.erase(scope, contact));
    expect(queue.waiting).toHaveLength(1);
    await lookAgain();
    await isForgotten(`killed after ${writes} writes`);
    if (outcome === 'done') break;
  }
}, 60_000);

it('leaves one person or nobody if a merge and an erasure coincide', async () => {
  for (const round of [0, 1, 2, 3, 4, 5]) {
    const { erasures, lookAgain } = openErasures();
    const [one, two] = await Promise.all([
      desk.person(`${NAME} one ${round}`),
      desk.person(`${NAME} two ${round}`),
    ]);
    const results = await Promise.allSettled([
      scope.contacts.merge(one.contact.id, two.contact.id),
      erasures.erase(scope, round % 2 === 0 ? one.contact : two.contact),
    ]);
    expect(results[1].status).toBe('fulfilled');
    await lookAgain();
    const left = await scope.contacts.get(one.contact.id);
    const other = await scope.contacts.get(two.contact.id);
    for (const person of [left, other]) if (person !== undefined) await erasures.erase(scope, person);
    await lookAgain();
    await isForgotten(`round ${round}`);
  }
}, 60_000);

it('an import during an erasure completes and creates no duplicates', async () => {
  const rows = Array.from({ length: 600 }, (_, n) => `Orang ${n},+6281500${100_000 + n}`).join('\n');
  const { erasures, lookAgain } = openErasures();
  const options = { events: noEvents, at: desk.clock.now() };
  await importContacts(scope, `name,phone\n${NAME},+62815777777\n`, options);
  const [person] = await scope.contacts.find({ phone: '+62815777777' });
  if (person === undefined) throw new Error('nobody was imported');
  let isErased = false;
  const report = await importContacts(scope, `name,phone\n${rows}\n`, {
    ...options,
    async stored() {
      if (isErased) return;
      isErased = true;
      await erasures.erase(scope, person);
    },
  });
  await lookAgain();
  expect(report).toMatchObject({ created: 600, updated: 0, rejected: [] });
  await isForgotten('while an import ran');
  const { items } = await scope.contacts.list({ query: 'Orang 599' }, { limit: 5 });
  expect(items).toHaveLength(1);
});

async function made(exports: ContactExports, queue: TestQueue): Promise<string> {
  const { id } = await exports.start(scope);
  await queue.start(exports.jobs());
  return id;
}

it('an export contains everybody once wherever it is killed, and no erased person', async () => {
  for (let writes = 0; ; writes += 1) {
    const queue = new TestQueue(scope);
    const exports = new ContactExports({ queue, clock: desk.clock, makeId });
    const id = await made(exports, queue);
    const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
    const [job] = exports.jobs();
    const outcome = await dyingAfter(writes, async () => job?.run(scope, { exportId: id }, run));
    await job?.run(scope, { exportId: id }, run);
    const item = await scope.store(contactExportStore).get(id);
    if (item === undefined) throw new Error('the export is gone');
    expect(item).toMatchObject({ status: 'done', progress: 1 });
    let text = '';
    for await (const part of exportedText(scope, item)) text += part;
    const people = text.split('\r\n').filter((line) => line.startsWith('Orang '));
    expect([people.length, new Set(people).size]).toEqual([600, 600]);
    if (outcome === 'done') break;
  }
  const { erasures, lookAgain } = openErasures();
  const { contact } = await desk.person(NAME);
  const queue = new TestQueue(scope);
  const id = await made(new ContactExports({ queue, clock: desk.clock, makeId }), queue);
  await queue.runAll();
  expect(await desk.everything()).toMatch(/contact_export_parts .*Zubaidah/);
  await erasures.erase(scope, contact);
  await lookAgain();
  expect(await scope.store(contactExportStore).get(id)).toMatchObject({
    status: 'failed',
    error: { code: 'contact_erased' },
  });
  await isForgotten('with an export that was kept');
}, 60_000);
