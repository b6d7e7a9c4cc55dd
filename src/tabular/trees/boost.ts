import { seededRandom, shuffle } from '../evaluate/random.js';
import type { BinnedTable } from './bin-columns.js';
import type { Forest, Tree } from './forest.js';
import { growTree, leftBins, type GrownTree } from './grow-tree.js';
import { HistogramPool } from './histogram.js';
import type { Objective } from './objective.js';
import type { TreeOptions } from './tree-options.js';

export interface BoostInput {
  readonly table: BinnedTable;
  readonly objective: Objective;
  readonly rows: Int32Array;
  /** Rows for early stopping; without them training does not stop early. */
  readonly heldOut?: Int32Array;
  readonly options: TreeOptions;
  /** Called after each round, for example to show progress. */
  onRound?(round: number): void;
}

export interface BoostResult {
  /** All rounds that were grown, including those after the best one. */
  readonly forest: Forest;
  /** Loss on the held-out rows after each round; empty without them. */
  readonly losses: readonly number[];
}

/** A tree with fewer columns to choose from is useless. */
const FEWEST_FEATURES = 4;

/** Gradient boosting: each round's trees correct the errors of the previous rounds. */
export function boost(input: BoostInput): BoostResult {
  return new Booster(input).run();
}

class Booster {
  private readonly scores: Float64Array;
  private readonly trees: Tree[] = [];
  private readonly derivatives: Float64Array;
  private readonly pool: HistogramPool;
  private readonly pairs: Float64Array;
  private readonly spare: Int32Array;
  /** The training rows, reordered by each tree. */
  private readonly order: Int32Array;
  private readonly random: () => number;

  constructor(private readonly input: BoostInput) {
    const { table, objective, rows } = input;
    const { outputs, base } = objective;
    this.scores = new Float64Array(table.rows * outputs);
    for (let index = 0; index < this.scores.length; index += 1)
      this.scores[index] = base[index % outputs] ?? 0;
    this.derivatives = new Float64Array(table.rows * 2);
    this.pool = new HistogramPool(table.totalBins);
    this.pairs = new Float64Array(rows.length * 2);
    this.spare = new Int32Array(rows.length);
    this.order = new Int32Array(rows.length);
    this.random = seededRandom(input.options.seed);
  }

  run(): BoostResult {
    const { objective, heldOut, options } = this.input;
    const losses: number[] = [];
    let best = { round: 0, loss: Number.POSITIVE_INFINITY };
    for (let round = 1; round <= options.mostRounds; round += 1) {
      const hasGrown = this.round();
      this.input.onRound?.(round);
      if (heldOut !== undefined) {
        const loss = objective.loss(this.scores, heldOut);
        losses.push(loss);
        if (loss < best.loss) best = { round, loss };
        if (round - best.round >= options.patience) break;
      }
      if (!hasGrown) break;
    }
    return { forest: { outputs: objective.outputs, base: objective.base, trees: this.trees }, losses };
  }

  /** Returns `false` if no tree of the round found a split. */
  private round(): boolean {
    const { objective, rows, table, options } = this.input;
    const { outputs } = objective;
    objective.beginRound(this.scores, rows);
    let hasGrown = false;
    for (let output = 0; output < outputs; output += 1) {
      objective.derive(output, rows, this.derivatives);
      this.order.set(rows);
      const grown = growTree({
        table,
        rows: this.order,
        derivatives: this.derivatives,
        options,
        allowed: this.allowedFeatures(),
        pool: this.pool,
        pairs: this.pairs,
        spare: this.spare,
      });
      this.trees.push(grown.tree);
      hasGrown ||= grown.tree.feature.length > 0;
      this.addToTrained(grown, output);
      if (this.input.heldOut !== undefined) this.addToHeldOut(grown, output, this.input.heldOut);
    }
    return hasGrown;
  }

  /** Chooses by raw column, so that the parts of a date stay together. */
  private allowedFeatures(): Uint8Array {
    const { table, options } = this.input;
    const allowed = new Uint8Array(table.features.length).fill(1);
    const columns = [...new Set(table.features.map(({ feature }) => feature.column))];
    const featureCount = Math.max(FEWEST_FEATURES, Math.ceil(columns.length * options.featureShare));
    if (featureCount >= columns.length) return allowed;
    const order = shuffle(Int32Array.from(columns.keys()), this.random);
    const sampled = new Set(Array.from(order.subarray(featureCount), (index) => columns[index]));
    table.features.forEach(({ feature }, index) => {
      if (sampled.has(feature.column)) allowed[index] = 0;
    });
    return allowed;
  }

  /** Training rows need no traversal: the tree knows which leaves they ended in. */
  private addToTrained({ tree, rows, start, end }: GrownTree, output: number): void {
    const { outputs } = this.input.objective;
    for (let leaf = 0; leaf < tree.value.length; leaf += 1) {
      const value = tree.value[leaf] as number;
      for (let index = start[leaf] as number; index < (end[leaf] as number); index += 1) {
        const at = (rows[index] as number) * outputs + output;
        this.scores[at] = (this.scores[at] as number) + value;
      }
    }
  }

  private addToHeldOut({ tree, thresholdBins }: GrownTree, output: number, heldOut: Int32Array): void {
    const { table, objective } = this.input;
    const tests = Array.from(tree.feature, (feature, node) => {
      const binned = table.features[feature];
      return {
        words: binned?.words ?? new Uint32Array(0),
        shift: binned?.shift ?? 0,
        goes: leftBins(
          {
            set: (tree.sets[node] ?? []).map((code) => code + 1),
            bin: thresholdBins[node] as number,
            missingLeft: tree.missingLeft[node] === 1,
          },
          binned?.count ?? 0,
        ),
      };
    });
    for (let index = 0; index < heldOut.length; index += 1) {
      const row = heldOut[index] as number;
      let node = tests.length === 0 ? -1 : 0;
      while (node >= 0) {
        const test = tests[node];
        if (test === undefined) break;
        node = (
          test.goes[((test.words[row] as number) >>> test.shift) & 0xff] === 1
            ? tree.left[node]
            : tree.right[node]
        ) as number;
      }
      const at = row * objective.outputs + output;
      this.scores[at] = (this.scores[at] as number) + (tree.value[-1 - node] as number);
    }
  }
}
