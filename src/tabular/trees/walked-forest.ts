import type { Matrix } from '../matrix.js';
import type { Forest } from './forest.js';

/** Category codes that fit into one word of a set. */
const WORD_BITS = 32;
/** Rows laid side by side at a time; they and one tree stay in the CPU cache. */
const BLOCK_ROWS = 256;

/**
 * A forest laid out for traversal, tree by tree, with all nodes in a few arrays. Child n of a node is at
 * `children[2 * node + n]`; below zero it is leaf `-1 - child`.
 */
export class WalkedForest {
  private readonly feature: Int32Array;
  private readonly threshold: Float32Array;
  private readonly children: Int32Array;
  /**
   * For a category, where the bits of its set begin; for a number, -1 if missing values go right, -2 if left.
   */
  private readonly kind: Int32Array;
  private readonly bits: Int32Array;
  private readonly values: Float32Array;
  private readonly roots: Int32Array;
  private readonly wordsPerSet: number;

  constructor(private readonly forest: Forest) {
    const { trees } = forest;
    const nodes = trees.reduce((sum, { feature }) => sum + feature.length, 0);
    const leaves = trees.reduce((sum, { value }) => sum + value.length, 0);
    const sets = trees.flatMap((tree) => tree.sets.filter((set) => set.length > 0));
    const largest = sets.reduce((most, set) => Math.max(most, ...set), 0);
    this.wordsPerSet = (largest >> 5) + 1;
    this.feature = new Int32Array(nodes);
    this.threshold = new Float32Array(nodes);
    this.children = new Int32Array(nodes * 2);
    this.kind = new Int32Array(nodes);
    this.bits = new Int32Array(sets.length * this.wordsPerSet);
    this.values = new Float32Array(leaves);
    this.roots = new Int32Array(trees.length);
    this.layOut();
  }

  /** Raw scores of the given rows (all by default), `outputs` per row, in the order of the rows. */
  scores({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array {
    const { outputs, base } = this.forest;
    const rowIndexes = some ?? Int32Array.from({ length: rows }, (_, row) => row);
    const scores = new Float64Array(rowIndexes.length * outputs);
    for (let index = 0; index < scores.length; index += 1) scores[index] = base[index % outputs] ?? 0;
    const width = columns.length;
    const block = new Float32Array(Math.min(BLOCK_ROWS, rowIndexes.length) * width);
    for (let start = 0; start < rowIndexes.length; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowIndexes.length - start);
      for (let feature = 0; feature < width; feature += 1) {
        const column = columns[feature] as Float32Array;
        for (let row = 0; row < count; row += 1) {
          block[row * width + feature] = column[rowIndexes[start + row] as number] as number;
        }
      }
      const part = scores.subarray(start * outputs, (start + count) * outputs);
      this.roots.forEach((root, tree) => this.addTree(root, tree % outputs, block, count, width, part));
    }
    return scores;
  }

  private addTree(
    root: number,
    output: number,
    block: Float32Array,
    count: number,
    width: number,
    scores: Float64Array,
  ): void {
    const { feature, threshold, children, kind, bits, values, wordsPerSet } = this;
    const { outputs } = this.forest;
    const limit = wordsPerSet * WORD_BITS;
    for (let row = 0; row < count; row += 1) {
      const from = row * width;
      let node = root;
      while (node >= 0) {
        const value = block[from + (feature[node] as number)] as number;
        const set = kind[node] as number;
        let right: number;
        if (set < 0) right = value <= (threshold[node] as number) || (set === -2 && value !== value) ? 0 : 1;
        else if (value < 0 || value >= limit) right = 1;
        else right = (((bits[set + (value >> 5)] as number) >>> (value & 31)) & 1) ^ 1;
        node = children[node * 2 + right] as number;
      }
      const at = row * outputs + output;
      scores[at] = (scores[at] as number) + (values[-1 - node] as number);
    }
  }

  private layOut(): void {
    let node = 0;
    let leaf = 0;
    let set = 0;
    this.forest.trees.forEach((tree, index) => {
      const firstNode = node;
      const firstLeaf = leaf;
      const placed = (child: number): number => (child >= 0 ? child + firstNode : child - firstLeaf);
      this.roots[index] = tree.feature.length === 0 ? -1 - firstLeaf : firstNode;
      tree.feature.forEach((feature, at) => {
        this.feature[node] = feature;
        this.threshold[node] = tree.threshold[at] as number;
        this.children[node * 2] = placed(tree.left[at] as number);
        this.children[node * 2 + 1] = placed(tree.right[at] as number);
        this.kind[node] = tree.missingLeft[at] === 1 ? -2 : -1;
        const codes = tree.sets[at] ?? [];
        if (codes.length > 0) {
          this.kind[node] = set;
          for (const code of codes)
            this.bits[set + (code >> 5)] = (this.bits[set + (code >> 5)] as number) | (1 << (code & 31));
          set += this.wordsPerSet;
        }
        node += 1;
      });
      this.values.set(tree.value, leaf);
      leaf += tree.value.length;
    });
  }
}
