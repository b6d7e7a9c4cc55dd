import {
  TABLE_LIMITS,
  TabularError,
  type ReadingChoices,
  type TableProfile,
} from '../../contracts/tabular.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { TableAnswer, TableQuestion } from '../ask/question.js';
import { tooManyBytes } from '../read/table-source.js';
import { tabularStore, type DatasetRow } from '../records/records.js';
import type { RunWork } from '../work/run-work.js';

export interface NewDataset {
  /** For a request that may be repeated: a dataset is stored only once per id. */
  readonly id?: string;
  readonly name?: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly choices?: ReadingChoices;
}

export interface DatasetDependencies {
  readonly runWork: RunWork;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

/**
 * Profiles a table and stores it.
 * @throws TabularError
 */
export async function addDataset(
  scope: TenantScope,
  { id, name, fileName, bytes, choices = {} }: NewDataset,
  { runWork, clock, makeId }: DatasetDependencies,
): Promise<DatasetRow> {
  const { datasets } = scope.store(tabularStore);
  const existing = id === undefined ? undefined : await datasets.get(id);
  if (existing !== undefined) return existing;
  if (bytes.length > TABLE_LIMITS.bytes) throw tooManyBytes();
  const profile = await runWork({ type: 'profile', choices }, [bytes]);
  const file = await scope.files.save({ kind: 'document', fileName, mediaType: 'text/csv', bytes });
  const row: DatasetRow = {
    ...profile,
    _id: id ?? makeId('dataset'),
    name: name ?? fileName.replace(/\.[^.]{1,5}$/, ''),
    fileName,
    fileId: file.id,
    bytes: bytes.length,
    choices: stored(choices),
    createdAt: clock.now(),
  };
  await datasets.insert(row);
  return row;
}

/**
 * Reads a table in a different way: `change` replaces what it names, and earlier corrections stay.
 * @throws TabularError
 */
export async function rereadDataset(
  scope: TenantScope,
  row: DatasetRow,
  change: ReadingChoices,
  { runWork }: Pick<DatasetDependencies, 'runWork'>,
): Promise<DatasetRow> {
  const { types = [], ...before } = row.choices ?? {};
  const choices = { ...before, ...change, types: { ...Object.fromEntries(types), ...change.types } };
  const profile = await runWork({ type: 'profile', choices }, await piecesOf(scope, row));
  const changes = { ...profile, choices: stored(choices) };
  return (await scope.store(tabularStore).datasets.update(row._id, changes)) ?? { ...row, ...changes };
}

function stored({ types, ...choices }: ReadingChoices): NonNullable<DatasetRow['choices']> {
  return { ...choices, types: Object.entries(types ?? {}) };
}

/**
 * Answers a question from the rows of a table, in a child process.
 * @throws TabularError
 */
export async function askDataset(
  scope: TenantScope,
  row: DatasetRow,
  question: TableQuestion,
  { runWork }: Pick<DatasetDependencies, 'runWork'>,
): Promise<TableAnswer> {
  return runWork({ type: 'ask', profile: profileOf(row), question }, await piecesOf(scope, row));
}

/** The profile of a table, without the other fields of the record. */
export function profileOf({ columns, rows, format, targetCandidates }: DatasetRow): TableProfile {
  return { columns, rows, format, targetCandidates };
}

export async function removeDataset(scope: TenantScope, id: string): Promise<boolean> {
  const { datasets } = scope.store(tabularStore);
  const row = await datasets.get(id);
  if (row === undefined || !(await datasets.remove(id))) return false;
  await scope.files.remove(row.fileId);
  return true;
}

/**
 * The file of a dataset, piece by piece.
 * @throws TabularError
 */
export async function piecesOf(scope: TenantScope, row: DatasetRow): Promise<AsyncIterable<Uint8Array>> {
  const pieces = await scope.files.pieces(row.fileId);
  if (pieces === undefined) {
    throw new TabularError('not-a-table', 'The file of the dataset is gone.', {
      reason: { key: 'tables.reason.datasetGone' },
    });
  }
  return pieces;
}
