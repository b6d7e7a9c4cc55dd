import { TabularError } from '../../contracts/tabular.js';
import { missingColumn, type RawRow } from '../features/encode-rows.js';
import { CsvOutput, predictionCells, predictionColumns } from '../model/csv-output.js';
import type { Predictions } from '../model/predict.js';
import { anyNumber } from '../read/number-format.js';
import { readTable } from '../read/table-source.js';
import type { BroughtPredictions, CheckedModel } from './onnx-messages.js';

/** All rows are held in memory at once, beside somebody else's model. */
const MOST_ROWS = 100_000;
const BATCH = 5000;

interface Table {
  readonly names: readonly string[];
  readonly delimiter: string;
  readonly rows: readonly (readonly string[])[];
}

/** Adds the predictions of a model from somebody else to a table. @throws TabularError, and what `predict` throws */
export async function predictBroughtTable(
  bytes: Uint8Array,
  inputs: CheckedModel['inputs'],
  predict: (rows: readonly RawRow[]) => Promise<Predictions>,
): Promise<BroughtPredictions> {
  const table = await read(bytes);
  const rowOf = rowReader(table, inputs);
  const predictions: (string | number)[] = [];
  const probabilities: number[] = [];
  for (let start = 0; start < table.rows.length; start += BATCH) {
    const batch = await predict(table.rows.slice(start, start + BATCH).map(rowOf));
    predictions.push(...batch.predictions);
    probabilities.push(...(batch.probabilities ?? []));
  }
  const hasClasses = probabilities.length > 0;
  const parts: Uint8Array[] = [];
  const csv = new CsvOutput(table.delimiter, (part) => parts.push(part));
  csv.write([[...table.names, ...predictionColumns(hasClasses)]]);
  csv.write(
    table.rows.map((cells, row) => [...cells, ...predictionCells(predictions[row], probabilities[row])]),
  );
  return {
    csv: Buffer.concat(parts),
    rows: table.rows.length,
    predictions,
    ...(hasClasses ? { probabilities } : {}),
  };
}

async function read(bytes: Uint8Array): Promise<Table> {
  const rows: (readonly string[])[] = [];
  let header: Omit<Table, 'rows'> = { names: [], delimiter: ',' };
  await readTable(
    [bytes],
    {},
    {
      keepsTotals: true,
      onHeader(names, { delimiter }) {
        header = { names, delimiter };
      },
      onRow(cells) {
        if (rows.length === MOST_ROWS) throw tooManyRows();
        rows.push([...cells]);
        return true;
      },
    },
  );
  return { ...header, rows };
}

/** Reads the cells that the model needs; numbers as people write them. */
function rowReader({ names }: Table, inputs: CheckedModel['inputs']): (cells: readonly string[]) => RawRow {
  const columns = inputs.map(({ name, type }) => {
    const place = names.indexOf(name);
    if (place === -1) throw missingColumn(name);
    return { name, place, isText: type === 'string' };
  });
  return (cells) =>
    Object.fromEntries(
      columns.map(({ name, place, isText }) => {
        const cell = cells[place] ?? '';
        return [name, isText ? cell : anyNumber(cell.trim())];
      }),
    );
}

function tooManyRows(): TabularError {
  return new TabularError('too-large', `The table has more than ${MOST_ROWS} rows.`, {
    reason: { key: 'tables.reason.tooManyRows', values: { most: MOST_ROWS } },
  });
}
