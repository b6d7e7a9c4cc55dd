import { seededRandom, shuffle } from '../evaluate/random.js';
import { FEATURES_PER_BLOCK, type BinnedFeature, type BinnedTable } from './bin-columns.js';
import type { Forest, Tree } from './forest.js';
import { growTree, type GrownTree } from './grow-tree.js';
import { kernelFor } from './kernel/kernel-for.js';
import type { PlainKernel } from './kernel/plain-kernel.js';
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
const FEWEST_COLUMNS = 4;

/** Gradient boosting: each round's trees correct the errors of the previous rounds. */
export function boost(input: BoostInput): BoostResult {
  return new Booster(input).run();
}

class Booster {
  private readonly scores: Float64Array;
  private readonly trees: Tree[] = [];
  private readonly kernel: PlainKernel;
  private readonly random: () => number;

  constructor(private readonly input: BoostInput) {
    const { table, objective, rows } = input;
    const { outputs, base } = objective;
    this.scores = new Float64Array(table.rows * outputs);
    for (let index = 0; index < this.scores.length; index += 1)
      this.scores[index] = base[index % outputs] ?? 0;
    this.kernel = kernelFor(table, rows.length, input.options.leaves);
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
    const { kernel } = this;
    objective.beginRound(this.scores, rows);
    let hasGrown = false;
    for (let output = 0; output < outputs; output += 1) {
      objective.derive(output, rows, kernel.derivatives);
      kernel.order.set(rows);
      const grown = growTree({ table, options, kernel, allowed: this.allowedFeatures() });
      this.trees.push(grown.tree);
      hasGrown ||= grown.tree.feature.length > 0;
      this.addToTrained(grown, output);
      if (this.input.heldOut !== undefined) this.addToHeldOut(grown, output, this.input.heldOut);
    }
    return hasGrown;
  }

  /** Chooses by raw column, so that the parts of a date stay together. */
  private allowedFeatures(): readonly number[] {
    const { table, options } = this.input;
    const all = [...table.features.keys()];
    const columns = [...new Set(table.features.map(({ feature }) => feature.column))];
    const columnCount = Math.max(FEWEST_COLUMNS, Math.ceil(columns.length * options.featureShare));
    if (columnCount >= columns.length) return all;
    const order = shuffle(Int32Array.from(columns.keys()), this.random);
    const leftOut = new Set(Array.from(order.subarray(columnCount), (index) => columns[index]));
    return all.filter((index) => !leftOut.has(table.features[index]?.feature.column));
  }

  /** Training rows need no traversal: the tree knows which leaves they ended in. */
  private addToTrained({ tree, start, end }: GrownTree, output: number): void {
    const { scores } = this;
    const { order } = this.kernel;
    const { outputs } = this.input.objective;
    for (let leaf = 0; leaf < tree.value.length; leaf += 1) {
      const value = tree.value[leaf] as number;
      for (let index = start[leaf] as number; index < (end[leaf] as number); index += 1) {
        const at = (order[index] as number) * outputs + output;
        scores[at] = (scores[at] as number) + value;
      }
    }
  }

  private addToHeldOut({ tree, goes }: GrownTree, output: number, heldOut: Int32Array): void {
    const { table, objective } = this.input;
    const { left, right, value } = tree;
    const bins = Array.from(tree.feature, (feature) => (table.features[feature] as BinnedFeature).bins);
    for (let index = 0; index < heldOut.length; index += 1) {
      const row = heldOut[index] as number;
      let node = bins.length === 0 ? -1 : 0;
      while (node >= 0) {
        const bin = (bins[node] as Uint8Array)[row * FEATURES_PER_BLOCK] as number;
        node = ((goes[node] as Uint8Array)[bin] === 1 ? left[node] : right[node]) as number;
      }
      const at = row * objective.outputs + output;
      this.scores[at] = (this.scores[at] as number) + (value[-1 - node] as number);
    }
  }
}
