import type { TenantScope } from '../../../src/contracts/stores.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { importContacts } from '../../../src/people/import-contacts.js';
import { noEvents } from '../../fakes/no-events.js';
import { trainOnce } from '../../tabular/train-in-process.js';

/** An operation of a process on contacts, or on models. */
export type Work =
  | { readonly type: 'merge'; readonly id: string; readonly otherId: string }
  | { readonly type: 'erase'; readonly id: string }
  | { readonly type: 'import'; readonly csv: string }
  | { readonly type: 'train'; readonly name: string };

export async function doWork(scope: TenantScope, work: Work): Promise<void> {
  switch (work.type) {
    case 'merge':
      await scope.contacts.merge(work.id, work.otherId);
      return;
    case 'erase': {
      const contact = await scope.contacts.get(work.id);
      if (contact !== undefined) await scope.contacts.erase(contact);
      return;
    }
    case 'import':
      await importContacts(scope, work.csv, { events: noEvents, at: systemClock.now() });
      return;
    case 'train':
      await trainOnce(scope, work.name);
      return;
    default:
      work satisfies never;
  }
}
