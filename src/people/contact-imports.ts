import type { Events } from '../contracts/events.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import { defineRoomStore, defineRoomTable, type TenantScope } from '../contracts/stores.js';
import { HttpProblem } from '../lib/api/problem.js';
import { decodeText } from '../lib/text/decode-text.js';
import { importContacts, type ImportReport } from './import-contacts.js';

/** How long the outcome of an import can be looked up, in seconds. */
const KEPT_SECONDS = 7 * 24 * 3600;

export interface ContactImport {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  /** 0..1 */
  readonly progress: number;
  readonly report: ImportReport;
  /** The last row stored durably. */
  readonly row: number;
  readonly fileId: string;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: Date;
}

type Row = Omit<ContactImport, 'id'> & { readonly _id: string };

const table = defineRoomTable<Row>('contact_imports', [
  { keys: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
]);

export interface ContactImportStore {
  insert(item: ContactImport): Promise<void>;
  get(id: string): Promise<ContactImport | undefined>;
  change(id: string, change: Partial<Omit<ContactImport, 'id'>>): Promise<void>;
}

export const contactImportStore = defineRoomStore<ContactImportStore>({
  tables: [table],
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        await rows(table).insertOne({ _id: id, ...rest });
      },
      async get(id) {
        const row = await rows(table).findOne({ _id: String(id) });
        if (row === null) return undefined;
        const { _id, ...rest } = row;
        return { id: _id, ...rest };
      },
      async change(id, change) {
        await rows(table).updateOne({ _id: String(id) }, { $set: change });
      },
    };
  },
});

const importJob = defineJob<{ readonly importId: string }>('people.import', { concurrency: 1 });

export interface ContactImportDependencies {
  readonly queue: JobQueue;
  readonly events: Events;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

/** Imports large tables of contacts in the background; after a crash an import resumes where it stopped. */
export class ContactImports {
  constructor(private readonly deps: ContactImportDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(importJob, {
        run: (scope, { importId }, { signal, progress }) => this.run(scope, importId, signal, progress),
        givenUp: (scope, { importId }) =>
          this.end(scope, importId, { status: 'failed', error: { code: 'internal', detail: 'It failed.' } }),
      }),
    ];
  }

  async start(scope: TenantScope, bytes: Uint8Array): Promise<ContactImport> {
    const { queue, clock, makeId } = this.deps;
    const id = makeId('import');
    const file = { kind: 'document', fileName: 'contacts.csv', mediaType: 'text/csv', bytes } as const;
    const { id: fileId } = await scope.files.save(file);
    const item: ContactImport = {
      id,
      status: 'queued',
      progress: 0,
      report: { created: 0, updated: 0, rejected: [] },
      row: 1,
      fileId,
      createdAt: clock.now(),
    };
    await scope.store(contactImportStore).insert(item);
    await queue.enqueue(importJob, scope.tenantId, { importId: id }, { key: id });
    return item;
  }

  private async run(
    scope: TenantScope,
    id: string,
    signal: AbortSignal,
    progress: (part: number) => Promise<void>,
  ): Promise<void> {
    const store = scope.store(contactImportStore);
    const item = await store.get(id);
    const bytes = item && (await scope.files.read(item.fileId));
    if (item === undefined || item.status === 'done' || item.status === 'failed' || bytes === undefined)
      return;
    await store.change(id, { status: 'running' });
    try {
      const report = await importContacts(scope, decodeText(bytes), {
        events: this.deps.events,
        at: item.createdAt,
        signal,
        from: { row: item.row, report: item.report },
        async stored(row, part, sofar) {
          const done = Math.min(0.999, part);
          await store.change(id, { row, progress: done, report: sofar });
          await progress(done);
        },
      });
      await this.end(scope, id, { status: 'done', progress: 1, report });
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      await this.end(scope, id, { status: 'failed', error: { code: error.code, detail: error.message } });
    }
  }

  /** Records the outcome and removes the uploaded file, which is kept no longer than needed. */
  private async end(
    scope: TenantScope,
    id: string,
    change: Partial<Omit<ContactImport, 'id'>>,
  ): Promise<void> {
    const store = scope.store(contactImportStore);
    await store.change(id, change);
    const item = await store.get(id);
    if (item !== undefined) await scope.files.remove(item.fileId);
  }
}
