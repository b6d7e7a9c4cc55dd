import { cannotTrain, type ChosenColumns, type LeftOut } from '../features/choose-columns.js';
import type { TrainingTable } from '../features/read-training-table.js';
import { makeFolds, splitKind, type Fold, type SplitKind } from '../evaluate/folds.js';
import { referenceOf, type FeatureReference } from '../evaluate/drift.js';
import { sayWeights } from '../evaluate/rare-class.js';
import { findLeaks, type Leak } from '../evaluate/leaks.js';
import { importanceOf, type ColumnImportance } from '../explain/importance.js';
import { fitLinear, LINEAR_OPTIONS } from '../linear/fit-linear.js';
import { linearScores, type Design, type LinearWeights } from '../linear/design.js';
import { layOut, tableDesign, type LinearLayout } from '../linear/table-design.js';
import { WORD_TABLE_REVISION } from '../../lib/words/word-table.js';
import type { Matrix } from '../matrix.js';
import { sharedFloat64 } from '../shared-memory.js';
import type { Predictor, TabularModel } from '../model/model.js';
import { learnFamiliarity } from '../text/familiarity.js';
import { TEXT_OPTIONS, textDesign } from '../text/text-design.js';
import { buildVocabulary } from '../text/vocabulary.js';
import { binColumns, type BinnedTable } from '../trees/bin-columns.js';
import { boost } from '../trees/boost.js';
import { scorerOf } from '../trees/score-forest.js';
import { affordableOptions, TREE_OPTIONS, treeOptionsFor, type TreeOptions } from '../trees/tree-options.js';
import {
  judgeLinear,
  judgeTrees,
  linearTasks,
  treeTasks,
  type OutOfFold,
  type TreeTrial,
} from './cross-validate.js';
import { fitAll } from './fit-threads.js';
import { linearLossOf, objectiveOf, type Goal } from './losses.js';
import { figuresOf, isBetter, type Figures } from './figures.js';

/** With more classes, trees take longer than they are worth. */
const MOST_TREE_CLASSES = 30;
/** With more rows, a linear model has nothing more to learn and is not tried beside trees. */
const MOST_LINEAR_ROWS = 100_000;
const DEFAULT_SEED = 42;
/** The cost of one class of texts, in columns: each has a weight for every dimension of a meaning. */
const COLUMNS_PER_TEXT_CLASS = 10;

export interface TrainedResult {
  readonly model: TabularModel;
  readonly chosen: 'trees' | 'linear';
  readonly figures: Figures;
  /** Figures of the other kind of model, if it was tried. */
  readonly other: Figures | undefined;
  readonly folds: number;
  readonly split: SplitKind;
  readonly rows: number;
  readonly rowsInTable: number;
  readonly withoutTarget: number;
  readonly leaks: readonly Leak[];
  readonly leftOut: readonly LeftOut[];
  readonly importance: readonly ColumnImportance[];
}

/** The stages shown to people; `share` is of the whole training. */
export type OnProgress = (stage: 'trees' | 'linear' | 'final' | 'explaining', share: number) => void;

export interface TrainOptions {
  readonly seed?: number;
  readonly monotone?: TreeOptions['monotone'];
  /** Affects only the time, not the result. */
  readonly threads?: number;
}

/** Trains both kinds of models, keeps the better one, and measures how good it is on unseen rows. */
export function trainModel(
  table: TrainingTable,
  columns: ChosenColumns,
  options: TrainOptions,
  onProgress: OnProgress,
): Promise<TrainedResult> {
  return new Trainer(table, columns, options, onProgress).run();
}

class Trainer {
  private readonly goal: Goal;
  private readonly scale: { readonly mean: number; readonly deviation: number } | undefined;
  private readonly folds: readonly Fold[];
  private readonly split: SplitKind;
  private readonly seed: number;
  private readonly allRows: Int32Array;

  constructor(
    private readonly table: TrainingTable,
    private readonly columns: ChosenColumns,
    private readonly options: TrainOptions,
    private readonly onProgress: OnProgress,
  ) {
    const { target, classes, groups, times } = table;
    this.seed = options.seed ?? DEFAULT_SEED;
    this.scale = classes === undefined ? scaleOf(target) : undefined;
    this.goal = { target: scaledTarget(target, this.scale), classes: classes?.length };
    this.split = splitKind({ ...(times && { times }), ...(groups && { groups }) });
    this.allRows = Int32Array.from(target, (_, row) => row);
    this.folds = makeFolds({
      rows: target.length,
      folds: foldCount(target.length, this.width() * (classes?.length ?? 1)),
      seed: this.seed,
      ...(classes === undefined ? {} : { classes: target }),
      ...(groups === undefined ? {} : { groups }),
      ...(times === undefined ? {} : { times }),
    });
    if (this.folds.length === 0)
      throw cannotTrain('The rows cannot be split into some to learn from and some to test.', {
        key: 'tables.reason.noSplit',
      });
  }

  run(): Promise<TrainedResult> {
    return this.table.texts === undefined ? this.runTable() : this.runText(this.table.texts);
  }

  private async runTable(): Promise<TrainedResult> {
    const { matrix, target } = this.table;
    const binned = binColumns(matrix);
    const treeOptions = this.treeOptions();
    const isFewClasses = (this.goal.classes ?? 1) <= MOST_TREE_CLASSES;
    const trees = isFewClasses ? await this.tryTrees(binned, treeOptions) : undefined;
    const layout = layOut(matrix, this.allRows);
    // For a large table it takes more memory than the table, so it is only made if a linear model is tried.
    let cached: Design | undefined;
    const design = (): Design => (cached ??= tableDesign(matrix, layout));
    const linear =
      trees !== undefined && matrix.rows > MOST_LINEAR_ROWS ? undefined : await this.tryLinear(design());
    const treeFigures = trees && this.figures(trees.outOfFold);
    const linearFigures = linear && this.figures(linear.outOfFold);
    const useTrees =
      trees !== undefined &&
      (linearFigures === undefined || (treeFigures !== undefined && !isBetter(linearFigures, treeFigures)));
    const figures = useTrees ? treeFigures : linearFigures;
    if (figures === undefined) throw cannotTrain('No model could be fitted.');
    this.onProgress('final', 0.8);
    const predictor: Predictor = useTrees
      ? { type: 'trees', forest: this.fitTrees(binned, trees, treeOptions) }
      : {
          type: 'linear',
          layout,
          weights: fitLinear(design(), this.goal.target, this.allRows, linearLossOf(this.goal)),
        };
    const model = this.modelOf(predictor, figures);
    this.onProgress('explaining', 0.93);
    return {
      ...this.facts(),
      model,
      chosen: useTrees ? 'trees' : 'linear',
      figures,
      other: useTrees ? linearFigures : treeFigures,
      leaks: findLeaks(binned, target, this.goal.classes),
      importance: this.importance(
        model,
        useTrees && trees ? treeScores(trees) : linearScoresOf(linear, layout),
      ),
    };
  }

  private async runText(texts: readonly string[]): Promise<TrainedResult> {
    const vocabulary = buildVocabulary(texts);
    if (vocabulary.terms.length === 0)
      throw cannotTrain('The texts hold no words.', { key: 'tables.reason.noWords' });
    const features = { vocabulary, tableRevision: WORD_TABLE_REVISION };
    const design = textDesign(features, texts);
    // The model of all rows does not depend on the folds, so it need not wait for them.
    const fits = await fitAll(
      { goal: this.goal, linear: { design, options: TEXT_OPTIONS } },
      [...linearTasks(this.folds), { type: 'linear', rows: this.allRows }],
      this.fitOptions((share) => this.onProgress('linear', share * 0.9)),
    );
    const weights = fits.at(-1) as LinearWeights;
    const columns = this.columns.features.map(({ name }) => name);
    const outOfFold = judgeLinear(fits, design, this.folds);
    const figures = this.figures(outOfFold);
    const { target, classes } = this.table;
    const familiarity = classes && learnFamiliarity(vocabulary, texts, target, classes.length, outOfFold);
    return {
      ...this.facts(),
      model: this.modelOf(
        { type: 'text', columns, ...features, weights, ...(familiarity && { familiarity }) },
        figures,
      ),
      chosen: 'linear',
      figures,
      other: undefined,
      leaks: [],
      importance: [],
    };
  }

  /** The cost of a row for each class, in columns. */
  private width(): number {
    const { texts, matrix } = this.table;
    return texts === undefined ? matrix.columns.length : COLUMNS_PER_TEXT_CLASS;
  }

  private async tryTrees(table: BinnedTable, options: TreeOptions): Promise<TreeTrial> {
    const results = await fitAll(
      { goal: this.goal, trees: { table, options } },
      treeTasks(this.folds),
      this.fitOptions((share) => this.onProgress('trees', share * 0.65)),
    );
    return judgeTrees(results, this.table.matrix, this.folds);
  }

  private async tryLinear(design: Design): Promise<LinearTrial> {
    const results = await fitAll(
      { goal: this.goal, linear: { design, options: LINEAR_OPTIONS } },
      linearTasks(this.folds),
      this.fitOptions((share) => this.onProgress('linear', 0.65 + share * 0.15)),
    );
    return {
      outOfFold: judgeLinear(results, design, this.folds),
      lastWeights: results.at(-1) as LinearWeights,
    };
  }

  private fitOptions(onShare: (share: number) => void) {
    const { threads } = this.options;
    return { onShare, ...(threads === undefined ? {} : { threads }) };
  }

  private fitTrees(table: BinnedTable, { rounds }: TreeTrial, options: TreeOptions) {
    // A forest of all rows has more to learn from than one of a fold, and supports some more rounds.
    const trained = this.folds[0]?.train.length ?? this.allRows.length;
    const mostRounds =
      this.split === 'time'
        ? rounds
        : Math.round(rounds * Math.sqrt(Math.min(1.25, this.allRows.length / trained)));
    return boost({
      table,
      objective: objectiveOf(this.goal, this.allRows),
      rows: this.allRows,
      options: { ...options, mostRounds },
      onRound: (round) => this.onProgress('final', 0.8 + (0.13 * round) / mostRounds),
    }).forest;
  }

  private treeOptions(): TreeOptions {
    const { target, classes = 1 } = this.goal;
    const rows = target.length;
    const trees = classes > 2 ? classes : 1;
    const cells = rows * this.table.matrix.features.length * trees;
    return {
      ...affordableOptions(treeOptionsFor(this.goal.classes), { rows, cells }),
      seed: this.seed,
      minimumRows: Math.max(3, Math.min(TREE_OPTIONS.minimumRows, Math.round(rows / 40))),
      minimumGroup: Math.max(5, Math.min(TREE_OPTIONS.minimumGroup, Math.round(rows / 50))),
      monotone: this.options.monotone ?? {},
    };
  }

  private figures(outOfFold: OutOfFold): Figures {
    return figuresOf(outOfFold, this.table.target, this.table.classes, this.scale);
  }

  private modelOf(predictor: Predictor, figures: Figures): TabularModel {
    const { classes, plans } = this.table;
    return {
      task: this.columns.task,
      target: this.columns.target.name,
      ...(classes === undefined ? {} : { classes }),
      plans,
      predictor,
      ...(this.scale === undefined ? {} : { scale: this.scale }),
      ...(predictor.type === 'text' ? {} : { reference: this.reference() }),
      ...classWeightsOf(figures),
    };
  }

  private reference(): readonly FeatureReference[] {
    const { matrix, plans } = this.table;
    return referenceOf(matrix, (column) => plans.find((plan) => plan.column === column)?.type === 'date');
  }

  private facts() {
    const { rowsInTable, withoutTarget, target } = this.table;
    return {
      folds: this.folds.length,
      split: this.split,
      rows: target.length,
      rowsInTable,
      withoutTarget,
      leftOut: this.columns.leftOut,
    };
  }

  /** `scores` come from the model of the last fold, which never saw the rows it is evaluated on. */
  private importance(model: TabularModel, scores: Scores | undefined): ColumnImportance[] {
    const last = this.folds.at(-1);
    if (last === undefined || scores === undefined) return [];
    const objective = objectiveOf(this.goal, last.train);
    return importanceOf({
      model,
      matrix: this.table.matrix,
      unseen: last.test,
      seed: this.seed,
      loss(matrix, rows) {
        const all = new Float64Array(matrix.rows * objective.outputs);
        const some = scores(matrix, rows);
        rows.forEach((row, index) => {
          all.set(
            some.subarray(index * objective.outputs, (index + 1) * objective.outputs),
            row * objective.outputs,
          );
        });
        return objective.loss(all, rows);
      },
    });
  }
}

interface LinearTrial {
  readonly outOfFold: OutOfFold;
  /** From the last fold, whose test rows they never saw. */
  readonly lastWeights: LinearWeights;
}

type Scores = (matrix: Matrix, rows: Int32Array) => Float64Array;

function treeScores({ lastForest }: TreeTrial): Scores {
  const forest = scorerOf(lastForest);
  return (matrix, rows) => forest.scores(matrix, rows);
}

function linearScoresOf(trial: LinearTrial | undefined, layout: LinearLayout): Scores | undefined {
  return trial && ((matrix, rows) => linearScores(trial.lastWeights, tableDesign(matrix, layout), rows));
}

/** Rare classes may weigh more when one is chosen. */
function classWeightsOf(figures: Figures): Pick<TabularModel, 'sayWeights'> {
  if (figures.type !== 'classes') return {};
  const { rare, weights } = figures;
  if (rare !== undefined) return { sayWeights: sayWeights(rare) };
  return weights === undefined ? {} : { sayWeights: weights };
}

function scaleOf(target: Float64Array): { mean: number; deviation: number } {
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  const spread = target.reduce((sum, value) => sum + (value - mean) ** 2, 0) / target.length;
  return { mean, deviation: Math.sqrt(spread) || 1 };
}

function scaledTarget(
  target: Float64Array,
  scale: { readonly mean: number; readonly deviation: number } | undefined,
): Float64Array {
  const shared = sharedFloat64(target.length);
  const { mean, deviation } = scale ?? { mean: 0, deviation: 1 };
  for (let row = 0; row < target.length; row += 1) shared[row] = ((target[row] as number) - mean) / deviation;
  return shared;
}

/** Fewer folds if each is expensive: with that much data, the figures are reliable enough. */
function foldCount(rows: number, width: number): number {
  const cells = rows * width;
  if (cells > 20_000_000) return 2;
  return cells > 3_000_000 ? 3 : 5;
}
