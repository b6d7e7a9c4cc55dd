import type { Matrix } from '../matrix.js';
import { binOfValue, leftBinsOf, type FeatureBins } from './feature-bins.js';
import type { Forest, Tree } from './forest.js';

const WORD_BITS = 32;
/** Two trees with at most this many leaves share a word. */
const HALF_WORD = 16;

/**
 * A forest laid out for lookup (after C. Lucchese and others, "QuickScorer", 2015): each bin of a feature has
 * a bit for every leaf, 0 if a row with this value cannot end there. In the intersection of the masks of all
 * features of a row, the first bit left in each tree is the leaf the row ends in: a few operations per tree,
 * and no unpredictable branches.
 */
export class MaskedForest {
  /** Bits per tree: a half word, or whole words. */
  private readonly bits: number;
  private readonly words: number;
  /** The masks of all bins, ordered by feature, `words` each. */
  private readonly masks: Int32Array;
  /** Where each feature's bins begin. */
  private readonly starts: Int32Array;
  /** Leaf values of each tree from left to right, `bits` per tree. */
  private readonly values: Float32Array;

  constructor(
    private readonly forest: Forest,
    private readonly bins: readonly FeatureBins[],
  ) {
    const { trees } = forest;
    this.bits = bitsPerTree(trees);
    this.words = wordsOf(trees);
    this.starts = new Int32Array(bins.length);
    let total = 0;
    bins.forEach(({ count }, place) => {
      this.starts[place] = total;
      total += count;
    });
    this.masks = new Int32Array(total * this.words).fill(-1);
    this.values = new Float32Array(trees.length * this.bits);
    trees.forEach((tree, index) => this.layOut(tree, index));
  }

  /** Raw scores of the given rows (all by default), `outputs` per row, in the order of the rows. */
  scores({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array {
    const { bins, starts, words, masks } = this;
    const { outputs, base } = this.forest;
    const count = some?.length ?? rows;
    const scores = new Float64Array(count * outputs);
    const places = new Int32Array(bins.length);
    const rest = new Int32Array(words);
    for (let index = 0; index < count; index += 1) {
      const row = some === undefined ? index : (some[index] as number);
      bins.forEach((feature, place) => {
        const value = (columns[feature.feature] as Float32Array)[row] as number;
        places[place] = ((starts[place] as number) + binOfValue(value, feature)) * words;
      });
      meet(rest, masks, places);
      for (let output = 0; output < outputs; output += 1) {
        scores[index * outputs + output] = (base[output] ?? 0) + this.sum(rest, output);
      }
    }
    return scores;
  }

  private sum(rest: Int32Array, output: number): number {
    const { bits, values, forest } = this;
    const { outputs, trees } = forest;
    if (bits === HALF_WORD) return sumOfHalves(rest, values, trees.length, output, outputs);
    return sumOfWords(rest, values, trees.length, output, outputs, bits / WORD_BITS);
  }

  private layOut(tree: Tree, index: number): void {
    const { order, from, middle } = leavesInOrder(tree);
    order.forEach((leaf, place) => {
      this.values[index * this.bits + place] = tree.value[leaf] as number;
    });
    tree.feature.forEach((feature, node) => {
      const place = this.bins.findIndex((bins) => bins.feature === feature);
      const bins = this.bins[place];
      if (bins === undefined) return;
      // A row that goes right cannot end on the left. The result is the first leaf that remains.
      leftBinsOf(tree, node, bins).forEach((isLeft, bin) => {
        if (isLeft === 1) return;
        const word = ((this.starts[place] as number) + bin) * this.words;
        for (let leaf = from[node] as number; leaf < (middle[node] as number); leaf += 1) {
          const bit = index * this.bits + leaf;
          const at = word + (bit >> 5);
          this.masks[at] = (this.masks[at] as number) & ~(1 << (bit & 31));
        }
      });
    });
  }
}

/** Leaves from left to right, and where the left side of each node begins and ends among them. */
function leavesInOrder(tree: Tree) {
  const order: number[] = [];
  const from = new Int32Array(tree.feature.length);
  const middle = new Int32Array(tree.feature.length);
  const visit = (node: number): void => {
    if (node < 0) {
      order.push(-1 - node);
      return;
    }
    from[node] = order.length;
    visit(tree.left[node] as number);
    middle[node] = order.length;
    visit(tree.right[node] as number);
  };
  visit(tree.feature.length === 0 ? -1 : 0);
  return { order, from, middle };
}

function bitsPerTree(trees: readonly Tree[]): number {
  const most = trees.reduce((largest, { value }) => Math.max(largest, value.length), 1);
  return most <= HALF_WORD ? HALF_WORD : Math.ceil(most / WORD_BITS) * WORD_BITS;
}

export function wordsOf(trees: readonly Tree[]): number {
  return Math.ceil((trees.length * bitsPerTree(trees)) / WORD_BITS);
}

/** Intersects the masks at all places, four at a time because memory accesses are expensive. */
function meet(rest: Int32Array, masks: Int32Array, places: Int32Array): void {
  rest.fill(-1);
  const words = rest.length;
  let place = 0;
  for (; place + 4 <= places.length; place += 4) {
    const a = places[place] as number;
    const b = places[place + 1] as number;
    const c = places[place + 2] as number;
    const d = places[place + 3] as number;
    for (let word = 0; word < words; word += 1) {
      rest[word] =
        (rest[word] as number) &
        (masks[a + word] as number) &
        (masks[b + word] as number) &
        (masks[c + word] as number) &
        (masks[d + word] as number);
    }
  }
  for (; place < places.length; place += 1) {
    const a = places[place] as number;
    for (let word = 0; word < words; word += 1)
      rest[word] = (rest[word] as number) & (masks[a + word] as number);
  }
}

function sumOfHalves(
  rest: Int32Array,
  values: Float32Array,
  trees: number,
  output: number,
  outputs: number,
): number {
  let sum = 0;
  for (let tree = output; tree < trees; tree += outputs) {
    const left = ((rest[tree >> 1] as number) >>> ((tree & 1) << 4)) & 0xffff;
    sum += values[tree * HALF_WORD + firstBit(left)] as number;
  }
  return sum;
}

function sumOfWords(
  rest: Int32Array,
  values: Float32Array,
  trees: number,
  output: number,
  outputs: number,
  words: number,
): number {
  let sum = 0;
  for (let tree = output; tree < trees; tree += outputs) {
    let word = tree * words;
    // One leaf always remains.
    while (rest[word] === 0) word += 1;
    sum += values[word * WORD_BITS + firstBit(rest[word] as number)] as number;
  }
  return sum;
}

function firstBit(word: number): number {
  return WORD_BITS - 1 - Math.clz32(word & -word);
}
