import type { PredictedIntent } from '../../contracts/intents.js';
import type { RawRow } from '../features/encode-rows.js';
import { emptyMatrix, encodeRows, missingColumn, type EmptyMatrix } from '../features/encode-rows.js';
import type { Cell } from '../features/column-plan.js';
import { linearScores } from '../linear/design.js';
import { tableDesign } from '../linear/table-design.js';
import type { Matrix } from '../matrix.js';
import { checkTableRevision } from '../text/meaning.js';
import { familiarityOf } from '../text/familiarity.js';
import { knowsAnyWord, textDesign } from '../text/text-design.js';
import { probabilitiesOf } from '../train/losses.js';
import { bestClass } from '../evaluate/metrics.js';
import { scorerOf, type ForestScorer } from '../trees/score-forest.js';
import type { TabularModel } from './model.js';
import { ownValue } from '../../lib/own-value.js';

export interface Predictions {
  /** Class names, or values. */
  readonly predictions: readonly (string | number)[];
  /** Of the predicted class; absent for regression. */
  readonly probabilities?: readonly number[];
  /** How much each text is like those of the training; see `familiarityOf`. Texts only. */
  readonly familiarities?: readonly number[];
  /** Every class's probability, row by row; absent for regression. */
  readonly all?: Float64Array;
}

/** A model prepared for many predictions. */
export class Predictor {
  private readonly forest: ForestScorer | undefined;
  /** Used again for every single row: making it takes longer than a prediction. */
  private oneRow: EmptyMatrix | undefined;

  /** @throws TabularError `invalid-model` if a text model needs another word table */
  constructor(readonly model: TabularModel) {
    if (model.predictor.type === 'text') checkTableRevision(model.predictor.tableRevision);
    this.forest = model.predictor.type === 'trees' ? scorerOf(model.predictor.forest) : undefined;
  }

  /** Columns that rows must have. */
  get columns(): readonly string[] {
    const { predictor, plans } = this.model;
    return predictor.type === 'text' ? predictor.columns : plans.map(({ column }) => column);
  }

  /** @throws TabularError `missing-column` */
  predictRows(rows: readonly RawRow[]): Predictions {
    const { predictor } = this.model;
    if (predictor.type !== 'text') return this.predictMatrix(this.encoded(rows));
    for (const column of predictor.columns) {
      if (!rows.some((row) => Object.hasOwn(row, column))) throw missingColumn(column);
    }
    return this.predictTexts(
      rows.map((row) => predictor.columns.map((column) => cellText(ownValue(row, column))).join(' ')),
    );
  }

  predictTexts(texts: readonly string[]): Predictions {
    const { predictor } = this.model;
    if (predictor.type !== 'text') throw new Error('the model reads no texts');
    const { familiarity, vocabulary, weights } = predictor;
    const scores = linearScores(weights, textDesign(predictor, texts));
    const predictions = this.withClassNames(scores);
    if (familiarity === undefined) return predictions;
    const familiarities = texts.map((text, row) => {
      const own = scores.subarray(row * weights.outputs, (row + 1) * weights.outputs);
      return familiarityOf(familiarity, vocabulary, text, own);
    });
    return { ...predictions, familiarities };
  }

  /** The predicted intent of a text; `undefined` if the model knows none of its words. */
  takenFor(text: string): PredictedIntent | undefined {
    const { predictor } = this.model;
    if (predictor.type !== 'text' || !knowsAnyWord(predictor, text)) return undefined;
    const { predictions, probabilities, familiarities } = this.predictTexts([text]);
    const [intent] = predictions;
    const probability = probabilities?.[0];
    if (intent === undefined || probability === undefined) return undefined;
    return { intent: String(intent), probability, familiarity: familiarities?.[0] ?? 1 };
  }

  predictMatrix(matrix: Matrix): Predictions {
    const { predictor } = this.model;
    switch (predictor.type) {
      case 'trees':
        return this.withClassNames((this.forest ?? scorerOf(predictor.forest)).scores(matrix));
      case 'linear':
        return this.withClassNames(linearScores(predictor.weights, tableDesign(matrix, predictor.layout)));
      case 'text':
        throw new Error('the model reads texts');
      default:
        return predictor satisfies never;
    }
  }

  private encoded(rows: readonly RawRow[]): Matrix {
    const { plans } = this.model;
    if (rows.length !== 1) return encodeRows(plans, rows);
    this.oneRow ??= emptyMatrix(plans, 1);
    return encodeRows(plans, rows, this.oneRow);
  }

  private withClassNames(scores: Float64Array): Predictions {
    const { classes, scale, sayWeights } = this.model;
    if (classes === undefined) {
      const { mean = 0, deviation = 1 } = scale ?? {};
      return { predictions: Array.from(scores, (score) => score * deviation + mean) };
    }
    const all = probabilitiesOf(scores, classes.length);
    const rows = all.length / classes.length;
    const best = Array.from({ length: rows }, (_, row) => bestClass(all, row, classes.length, sayWeights));
    return {
      predictions: best.map((index) => classes[index] ?? ''),
      probabilities: best.map((index, row) => all[row * classes.length + index] ?? 0),
      all,
    };
  }
}

function cellText(cell: Cell): string {
  return cell === null || cell === undefined ? '' : String(cell);
}
