import type { ReadingChoices } from '../../contracts/tabular.js';
import { emptyMatrix, missingColumn } from '../features/encode-rows.js';
import { readTable, type Pieces } from '../read/table-source.js';
import type { TabularModel } from './model.js';
import { Predictor, type Predictions } from './predict.js';

export interface PredictedTable {
  readonly csv: Uint8Array;
  readonly rows: number;
  readonly said: Pick<Predictions, 'predictions' | 'probabilities'>;
}

/** Rows that are predicted at a time. */
const BATCH = 5000;

/**
 * A table with what the model says of each row in new columns at its end.
 * @throws TabularError
 */
export async function predictTable(
  model: TabularModel,
  pieces: Pieces,
  choices: ReadingChoices,
): Promise<PredictedTable> {
  let batch: PredictionBatch | undefined;
  await readTable(pieces, choices, {
    onHeader(names, { delimiter }) {
      batch = new PredictionBatch(new Predictor(model), names, delimiter);
    },
    onRow(cells) {
      batch?.add(cells);
      return true;
    },
  });
  return batch?.finish() ?? { csv: new Uint8Array(0), rows: 0, said: { predictions: [] } };
}

class PredictionBatch {
  private readonly places: readonly number[];
  private readonly written: Buffer[] = [];
  private waiting: (readonly string[])[] = [];
  private rows = 0;
  private readonly predictions: (string | number)[] = [];
  private readonly probabilities: number[] = [];

  constructor(
    private readonly predictor: Predictor,
    names: readonly string[],
    private readonly delimiter: string,
  ) {
    this.places = predictor.columns.map((column) => {
      const place = names.indexOf(column);
      if (place === -1) throw missingColumn(column);
      return place;
    });
    const added = predictor.model.classes === undefined ? ['prediction'] : ['prediction', 'probability'];
    this.write([this.line([...names, ...added])]);
  }

  add(cells: readonly string[]): void {
    this.waiting.push([...cells]);
    if (this.waiting.length >= BATCH) this.flush();
  }

  finish(): PredictedTable {
    this.flush();
    const { predictions, probabilities, rows } = this;
    const said = { predictions, ...(probabilities.length === 0 ? {} : { probabilities }) };
    return { csv: Buffer.concat(this.written), rows, said };
  }

  private flush(): void {
    const rows = this.waiting;
    this.waiting = [];
    if (rows.length === 0) return;
    const { predictions, probabilities } = this.predict(rows);
    for (const prediction of predictions) this.predictions.push(prediction);
    for (const probability of probabilities ?? []) this.probabilities.push(probability);
    this.write(
      rows.map((cells, index) => {
        const probability = probabilities?.[index];
        const added = probability === undefined ? [] : [probability.toFixed(4)];
        return this.line([...cells, String(predictions[index] ?? ''), ...added]);
      }),
    );
    this.rows += rows.length;
  }

  private predict(rows: readonly (readonly string[])[]): Predictions {
    const { model } = this.predictor;
    const cellsOf = (cells: readonly string[]): string[] => this.places.map((place) => cells[place] ?? '');
    if (model.predictor.type === 'text') {
      return this.predictor.predictTexts(rows.map((cells) => cellsOf(cells).join(' ')));
    }
    const { matrix, encoders } = emptyMatrix(model.plans, rows.length);
    rows.forEach((cells, row) => {
      encoders.forEach((encoder, column) => encoder.encode(cells[this.places[column] ?? -1] ?? '', row));
    });
    return this.predictor.predictMatrix(matrix);
  }

  private write(lines: readonly string[]): void {
    this.written.push(Buffer.from(`${lines.join('\r\n')}\r\n`));
  }

  private line(cells: readonly string[]): string {
    return cells.map((cell) => this.quoted(cell)).join(this.delimiter);
  }

  private quoted(cell: string): string {
    const needs = cell.includes('"') || cell.includes(this.delimiter) || /[\r\n]/.test(cell);
    return needs ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
}
