import type { ReadingChoices } from '../../contracts/tabular.js';
import { emptyMatrix, missingColumn } from '../features/encode-rows.js';
import { readTable, type Pieces } from '../read/table-source.js';
import { TableReasons, type Contribution } from '../explain/contributions.js';
import { DriftWatch, type DriftReport } from '../evaluate/drift.js';
import { OutcomeWatch, type Outcome } from '../evaluate/outcome.js';
import { anyNumber } from '../read/number-format.js';
import type { TabularModel } from './model.js';
import { CsvOutput, predictionCells, predictionColumns } from './csv-output.js';
import { Predictor, type Predictions } from './predict.js';

export interface PredictedTable {
  readonly rows: number;
  readonly results: Pick<Predictions, 'predictions' | 'probabilities'>;
  /** Columns that no longer resemble the training data. */
  readonly drift: DriftReport;
  /** How right the predictions were, if the table contains the target as well. */
  readonly outcome?: Outcome;
}

/** Rows predicted at a time. */
const BATCH = 5000;
/** Maximum number of reasons per row. */
const REASONS = 3;
/** Smaller contributions are not worth mentioning. */
const SMALLEST_REASON = 1e-6;
const LONGEST_VALUE = 60;

export interface PredictTableOptions {
  readonly choices: ReadingChoices;
  /** Name of a new column with the reasons for each prediction; without it there is none. */
  readonly because?: string;
}

/**
 * Adds the predictions for each row to a table, in new columns at its end. `onCsv` gets the new table in parts.
 * @throws TabularError
 */
export async function predictTable(
  model: TabularModel,
  pieces: Pieces,
  { choices, because }: PredictTableOptions,
  onCsv: (part: Uint8Array) => void = () => undefined,
): Promise<PredictedTable> {
  let batch: PredictionBatch | undefined;
  await readTable(pieces, choices, {
    keepsTotals: true,
    onHeader(names, { delimiter }) {
      batch = new PredictionBatch(new Predictor(model), names, { delimiter, because, onCsv });
    },
    onRow(cells) {
      batch?.add(cells);
      return true;
    },
  });
  return (
    batch?.finish() ?? {
      rows: 0,
      results: { predictions: [] },
      drift: { rows: 0, columns: [] },
    }
  );
}

class PredictionBatch {
  private readonly places: readonly number[];
  private waiting: (readonly string[])[] = [];
  private rows = 0;
  private readonly predictions: (string | number)[] = [];
  private readonly probabilities: number[] = [];
  private readonly reasons: TableReasons | undefined;
  private readonly drift: DriftWatch;
  private readonly target: number;
  private readonly outcome: OutcomeWatch;
  private readonly csv: CsvOutput;

  constructor(
    private readonly predictor: Predictor,
    names: readonly string[],
    output: {
      readonly delimiter: string;
      readonly because: string | undefined;
      onCsv(part: Uint8Array): void;
    },
  ) {
    const { because } = output;
    this.reasons = because === undefined ? undefined : new TableReasons(predictor.model);
    const { model } = predictor;
    this.drift = new DriftWatch(model.reference ?? []);
    this.target = names.indexOf(model.target);
    this.outcome = new OutcomeWatch({
      ...(model.classes === undefined ? {} : { classes: model.classes }),
      valueOf: anyNumber,
    });
    this.places = predictor.columns.map((column) => {
      const place = names.indexOf(column);
      if (place === -1) throw missingColumn(column);
      return place;
    });
    const reason = because === undefined ? [] : [because];
    this.csv = new CsvOutput(output.delimiter, output.onCsv);
    this.csv.write([[...names, ...predictionColumns(model.classes !== undefined), ...reason]]);
  }

  add(cells: readonly string[]): void {
    this.waiting.push([...cells]);
    if (this.waiting.length >= BATCH) this.flush();
  }

  finish(): PredictedTable {
    this.flush();
    const { predictions, probabilities, rows } = this;
    const allPredictions = { predictions, ...(probabilities.length === 0 ? {} : { probabilities }) };
    const outcome = this.outcome.outcome();
    return {
      rows,
      results: allPredictions,
      drift: this.drift.report(),
      ...(outcome === undefined ? {} : { outcome }),
    };
  }

  private flush(): void {
    const rows = this.waiting;
    this.waiting = [];
    if (rows.length === 0) return;
    const { predictions, probabilities, because } = this.predict(rows);
    predictions.forEach((prediction, row) => {
      this.predictions.push(prediction);
      this.outcome.add(rows[row]?.[this.target] ?? '', prediction);
    });
    for (const probability of probabilities ?? []) this.probabilities.push(probability);
    this.csv.write(
      rows.map((cells, index) => {
        const reason = because === undefined ? [] : [because(index)];
        return [...cells, ...predictionCells(predictions[index], probabilities?.[index]), ...reason];
      }),
    );
    this.rows += rows.length;
  }

  private predict(rows: readonly (readonly string[])[]): BatchPredictions {
    const { model } = this.predictor;
    const cellsOf = (cells: readonly string[]): string[] => this.places.map((place) => cells[place] ?? '');
    if (model.predictor.type === 'text') {
      const texts = rows.map((cells) => cellsOf(cells).join(' '));
      return this.explained(this.predictor.predictTexts(texts), (reasons, row, prediction) =>
        wordsText(reasons.ofText(texts[row] ?? '', prediction)),
      );
    }
    const { matrix, encoders } = emptyMatrix(model.plans, rows.length);
    rows.forEach((cells, row) => {
      encoders.forEach((encoder, column) => encoder.encode(cells[this.places[column] ?? -1] ?? '', row));
    });
    this.drift.add(matrix);
    return this.explained(this.predictor.predictMatrix(matrix), (reasons, row, prediction) =>
      this.columnsText(reasons.ofRow(matrix, row, prediction), rows[row] ?? []),
    );
  }

  private explained(
    batch: Predictions,
    reasonOf: (reasons: TableReasons, row: number, prediction: string | number) => string,
  ): BatchPredictions {
    const { reasons } = this;
    if (reasons === undefined) return batch;
    return { ...batch, because: (row) => reasonOf(reasons, row, batch.predictions[row] ?? '') };
  }

  /** `Kota=Solo (+); Total=900000 (-)`: what supports the prediction, and what speaks against it. */
  private columnsText(contributions: readonly Contribution[], cells: readonly string[]): string {
    const { columns } = this.predictor;
    return reasonsText(contributions, (column) => {
      const cell = (cells[this.places[columns.indexOf(column)] ?? -1] ?? '').trim();
      return `${column}=${cell === '' ? '?' : cell.slice(0, LONGEST_VALUE)}`;
    });
  }
}

interface BatchPredictions extends Predictions {
  readonly because?: (row: number) => string;
}

function wordsText(contributions: readonly Contribution[]): string {
  return reasonsText(contributions, (word) => word);
}

function reasonsText(contributions: readonly Contribution[], named: (column: string) => string): string {
  const text = contributions
    .filter(({ value }) => Math.abs(value) > SMALLEST_REASON)
    .slice(0, REASONS)
    .map(({ column, value }) => `${named(column)} (${value > 0 ? '+' : '-'})`)
    .join('; ');
  // A column name must not become a formula at the start of our cell.
  return /^[=+\-@]/.test(text) ? `'${text}` : text;
}
