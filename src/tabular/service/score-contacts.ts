import { TabularError } from '../../contracts/tabular.js';
import { defineJob, type JobQueue, type JobRun } from '../../contracts/queue.js';
import type { Contact, TenantScope } from '../../contracts/stores.js';
import type { RawRow } from '../features/encode-rows.js';
import type { Predictions } from '../model/predict.js';
import { tabularStore, type ModelRow } from '../records/records.js';

export interface ScoreJob {
  readonly modelId: string;
  /** Of the contact. */
  readonly field: string;
}

export const scoreJob = defineJob<ScoreJob>('tabular.score', { concurrency: 1, tries: 3 });

export interface NewScoring extends ScoreJob {
  /** A cron line in the time zone of the business; `null` ends the schedule of the field. */
  readonly schedule?: string | null;
}

export interface Scoring extends ScoreJob {
  readonly nextRunAt?: Date;
}

/** Contacts that are read and predicted at a time. */
const PAGE = 200;

const scheduleKey = (field: string): string => `every ${field}`;

/**
 * Queues it for now, and again and again when there is a schedule. A field has one schedule: that
 * of another model takes its place.
 */
export async function scoringOf(
  scope: TenantScope,
  model: ModelRow,
  { field, schedule }: NewScoring,
  queue: JobQueue,
): Promise<Scoring> {
  if (model.columns.includes(field)) {
    const reason = `The model reads the field "${field}"; its prediction needs a field of its own.`;
    throw new TabularError('invalid-model', reason, { column: field });
  }
  const data = { modelId: model._id, field };
  const key = scheduleKey(field);
  // The schedule first: when its line is none, nothing has begun.
  const nextRunAt =
    typeof schedule === 'string'
      ? await queue.repeat(scoreJob, scope.tenantId, data, {
          key,
          cron: schedule,
          timezone: scope.settings.timezone,
        })
      : undefined;
  if (schedule === null) await queue.cancel(scoreJob, scope.tenantId, key);
  else await queue.enqueue(scoreJob, scope.tenantId, data, { key: `now ${field}` });
  return { ...data, ...(nextRunAt === undefined ? {} : { nextRunAt }) };
}

/** Writes what the model says of each contact into its field; a value that is right already is not written again. */
export async function scoreContacts(
  scope: TenantScope,
  { modelId, field }: ScoreJob,
  { signal, progress }: Pick<JobRun, 'signal' | 'progress'>,
  deps: { readonly queue: JobQueue; predict(rows: readonly RawRow[]): Promise<Predictions> },
): Promise<void> {
  const model = await scope.store(tabularStore).models.get(modelId);
  if (model === undefined) {
    await deps.queue.cancel(scoreJob, scope.tenantId, scheduleKey(field));
    return;
  }
  let cursor: string | undefined;
  do {
    const page = await scope.contacts.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const rows = page.items.map((contact) => rowOf(contact, model.columns));
    const { predictions } = rows.length === 0 ? { predictions: [] } : await deps.predict(rows);
    for (const [index, contact] of page.items.entries()) {
      signal.throwIfAborted();
      await write(scope, contact, field, predictions[index]);
    }
    // How many there are is not known before the last page.
    await progress(0.5);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function write(
  scope: TenantScope,
  contact: Contact,
  field: string,
  prediction: string | number | undefined,
): Promise<void> {
  const isNone = prediction === undefined || (typeof prediction === 'number' && !Number.isFinite(prediction));
  const value = isNone ? null : prediction;
  if ((contact.fields[field] ?? null) === value) return;
  await scope.contacts.update(contact.id, { fields: { [field]: value } });
}

/** The contact as a row of the model: its fields by name, then what every contact has, as its CSV says it. */
function rowOf(contact: Contact, columns: readonly string[]): RawRow {
  const { fields, tags, name, phone, email, locale } = contact;
  const own = { name, phone, email, locale, tags: tags.join(',') };
  const known = new Map<string, RawRow[string]>([...Object.entries(own), ...Object.entries(fields)]);
  return Object.fromEntries(columns.map((column) => [column, known.get(column) ?? null]));
}
