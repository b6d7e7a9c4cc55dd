import { encodeRows, type RawRow } from '../features/encode-rows.js';
import { scaled } from '../linear/table-design.js';
import type { Matrix } from '../matrix.js';
import type { TabularModel } from '../model/model.js';
import { wordContributions } from '../text/text-design.js';
import { PathContributions } from './path-contributions.js';
import { treeContributions } from './tree-contributions.js';
import { ownValue } from '../../lib/own-value.js';

/** What one column adds to a prediction, in the unit of the score; positive values support the prediction. */
export interface Contribution {
  readonly column: string;
  readonly value: number;
}

/**
 * Why a row gets its prediction: by raw column, strongest first. `output` is the class in question; of two
 * classes, the score stands for the second.
 */
export function explainRow(model: TabularModel, row: RawRow, output: number): Contribution[] {
  const { predictor } = model;
  const { place, sign } = placeOf(model, output);
  if (predictor.type === 'text') {
    const text = predictor.columns.map((column) => String(ownValue(row, column) ?? '')).join(' ');
    return explainText(model, text, place, sign);
  }
  const matrix = encodeRows(model.plans, [row]);
  const values = featureContributions(model, matrix, 0, place);
  return byColumn(matrix, values, sign);
}

/** Why each of many rows gets its prediction: faster than `explainRow`, with nearly the same result. */
export class TableReasons {
  private readonly paths: PathContributions | undefined;

  constructor(private readonly model: TabularModel) {
    const { predictor } = model;
    this.paths = predictor.type === 'trees' ? new PathContributions(predictor.forest) : undefined;
  }

  ofRow(matrix: Matrix, row: number, prediction: string | number): Contribution[] {
    const { place, sign } = this.askedFor(prediction);
    const values = this.paths?.of(matrix, row, place) ?? featureContributions(this.model, matrix, row, place);
    return byColumn(matrix, values, sign);
  }

  ofText(text: string, prediction: string | number): Contribution[] {
    const { place, sign } = this.askedFor(prediction);
    return explainText(this.model, text, place, sign);
  }

  private askedFor(prediction: string | number): { readonly place: number; readonly sign: 1 | -1 } {
    return placeOf(this.model, Math.max(0, this.model.classes?.indexOf(String(prediction)) ?? 0));
  }
}

/** Two classes share one score, which stands for the second. */
function placeOf(
  { classes }: TabularModel,
  output: number,
): { readonly place: number; readonly sign: 1 | -1 } {
  const isOne = classes === undefined || classes.length === 2;
  return { place: isOne ? 0 : output, sign: classes?.length === 2 && output === 0 ? -1 : 1 };
}

/** Contribution of each feature to one row's score. */
export function featureContributions(
  { predictor }: TabularModel,
  matrix: Matrix,
  row: number,
  output: number,
): Float64Array {
  switch (predictor.type) {
    case 'trees':
      return treeContributions(predictor.forest, matrix.columns, row, output);
    case 'linear': {
      const { weights, outputs } = predictor.weights;
      const weight = (at: number): number => weights[at * outputs + output] ?? 0;
      return Float64Array.from(predictor.layout.features, (feature, index) => {
        const value = (matrix.columns[index] as Float32Array)[row] as number;
        if (feature.type === 'category') {
          // Relative to the average category, because a row always has one.
          const usual = feature.shares.reduce(
            (sum, share, code) => sum + share * weight(feature.at + code),
            0,
          );
          return (value >= 0 ? weight(feature.at + value) : 0) - usual;
        }
        return Number.isNaN(value) ? weight(feature.at + 1) : scaled(value, feature) * weight(feature.at);
      });
    }
    case 'text':
      throw new Error('the model reads texts');
    default:
      return predictor satisfies never;
  }
}

function byColumn({ features }: Matrix, values: Float64Array, sign: number): Contribution[] {
  const sums = new Map<string, number>();
  features.forEach(({ column }, index) => {
    sums.set(column, (sums.get(column) ?? 0) + sign * (values[index] ?? 0));
  });
  return strongestFirst([...sums].map(([column, value]) => ({ column, value })));
}

/** For a text: what each of its words adds. */
function explainText(model: TabularModel, text: string, output: number, sign: number): Contribution[] {
  const { predictor } = model;
  if (predictor.type !== 'text') return [];
  const { weights, outputs } = predictor.weights;
  const words = wordContributions(predictor, text, (place) => weights[place * outputs + output] ?? 0);
  return strongestFirst(words.map(({ word, value }) => ({ column: word, value: sign * value })));
}

function strongestFirst(contributions: readonly Contribution[]): Contribution[] {
  return contributions.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
}
