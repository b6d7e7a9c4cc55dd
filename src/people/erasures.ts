import type { Events } from '../contracts/events.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock } from '../contracts/runtime.js';
import type { Contact, TenantScope } from '../contracts/stores.js';

/** Longer than any answer, follow-up or export takes, in ms. */
const OVER_AFTER_MS = 10 * 60_000;

const eraseJob = defineJob<{ readonly contactIds: readonly string[] }>('people.erase', { concurrency: 1 });

export interface ErasureDependencies {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly events: Events;
}

/**
 * Erases people. A later job removes what was in progress at the time and stored afterwards, and completes an
 * erasure during which the process was killed.
 */
export class Erasures {
  constructor(private readonly deps: ErasureDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(eraseJob, {
        run: async (scope, { contactIds: [id = '', ...others] }) => {
          const remaining = await scope.contacts.get(id);
          if (remaining !== undefined) await this.finish(scope, remaining);
          await scope.contacts.eraseTraces([id, ...others]);
        },
      }),
    ];
  }

  async erase(scope: TenantScope, contact: Contact): Promise<void> {
    const { queue, clock } = this.deps;
    const { id, formerIds } = contact;
    const at = new Date(clock.now().getTime() + OVER_AFTER_MS);
    await queue.enqueue(eraseJob, scope.tenantId, { contactIds: [id, ...formerIds] }, { key: id, at });
    await this.finish(scope, contact);
  }

  private async finish(scope: TenantScope, contact: Contact): Promise<void> {
    await scope.contacts.erase(contact);
    await this.deps.events.emit(scope, 'contact.deleted', { id: contact.id });
  }
}
