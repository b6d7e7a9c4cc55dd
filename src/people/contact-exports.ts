import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { contactExportStore, type ContactExport } from './contact-export-store.js';
import { contactPages, fieldNamesOf, headerOf, linesOf } from './export-contacts.js';

/** Contacts stored in one part. */
const PART = 2_000;

const exportJob = defineJob<{ readonly exportId: string }>('people.export', { concurrency: 1 });

export interface ContactExportDependencies {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

/** Exports all contacts as CSV in the background; after a crash an export resumes where it stopped. */
export class ContactExports {
  constructor(private readonly deps: ContactExportDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(exportJob, {
        run: (scope, { exportId }, { signal, progress }) => this.run(scope, exportId, signal, progress),
        async givenUp(scope, { exportId }) {
          const store = scope.store(contactExportStore);
          await store.change(exportId, {
            status: 'failed',
            error: { code: 'internal', detail: 'It failed.' },
          });
          await store.removeParts(exportId);
        },
      }),
    ];
  }

  async start(scope: TenantScope): Promise<ContactExport> {
    const { queue, clock, makeId } = this.deps;
    const id = makeId('export');
    const createdAt = clock.now();
    const item: ContactExport = { id, status: 'queued', progress: 0, contacts: 0, parts: 0, createdAt };
    await scope.store(contactExportStore).insert(item);
    await queue.enqueue(exportJob, scope.tenantId, { exportId: id }, { key: id });
    return item;
  }

  private async run(
    scope: TenantScope,
    id: string,
    signal: AbortSignal,
    progress: (part: number) => Promise<void>,
  ): Promise<void> {
    const store = scope.store(contactExportStore);
    const item = await store.get(id);
    if (item === undefined || item.status === 'done') return;
    const { clock } = this.deps;
    const all = await scope.contacts.countNew(new Date(0), clock.now());
    const fieldNames = item.fieldNames ?? (await fieldNamesOf(scope, signal));
    let isUnderWay = await store.change(id, { status: 'running', fieldNames });
    let { parts, contacts } = item;
    /** A part counts only once `change` has recorded it; one left behind by a crash is written again. */
    const save = async (text: string, cursor: string | undefined): Promise<void> => {
      await store.savePart(id, parts, text, item.createdAt);
      parts += 1;
      const done = Math.min(0.999, contacts / Math.max(1, all));
      isUnderWay = await store.change(id, { parts, contacts, progress: done, cursor: cursor ?? null });
      await progress(done);
    };
    let text = parts === 0 ? headerOf(fieldNames) : '';
    let rows = 0;
    const pages = item.cursor === null ? [] : contactPages(scope, item.cursor);
    for await (const { items, nextCursor } of pages) {
      signal.throwIfAborted();
      if (!isUnderWay) break;
      text += linesOf(items, fieldNames);
      rows += items.length;
      contacts += items.length;
      if (rows < PART && nextCursor !== undefined) continue;
      await save(text, nextCursor);
      [text, rows] = ['', 0];
    }
    const isDone = isUnderWay && (await store.change(id, { status: 'done', progress: 1 }));
    // A contact was erased in the meantime and may be in parts written since.
    if (!isDone) await store.removeParts(id);
  }
}

/** The finished export, part by part. */
export async function* exportedText(
  scope: TenantScope,
  { id, parts }: ContactExport,
): AsyncGenerator<string> {
  const store = scope.store(contactExportStore);
  for (let part = 0; part < parts; part += 1) {
    const text = await store.part(id, part);
    if (text === undefined) throw new Error('a part of the export is gone');
    yield text;
  }
}
