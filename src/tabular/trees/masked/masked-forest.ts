import type { Matrix } from '../../matrix.js';
import { instantiate, newMemory } from '../../web-assembly.js';
import { binOfValue, leftBinsOf, type FeatureBins } from '../feature-bins.js';
import type { Forest, Tree } from '../forest.js';
import { MASKED_MODULE } from './module.js';

/** The functions of `masked.wat`. */
interface Functions {
  meet(places: number, placesEnd: number, rest: number, bytes: number): void;
  sum16(rest: number, end: number, values: number, step: number, sum: number): number;
  sum64(rest: number, end: number, values: number, step: number, sum: number): number;
}

/** Leaves of a tree, and with it the bits of its mask: few or many. */
const FEW = 16;
const MANY = 64;
/** Masks are intersected so many bytes at a time. */
const STEP = 64;
const FLOAT_BYTES = 4;
const ADDRESS_BYTES = 4;

/** Where everything is in a forest's memory, in bytes. */
interface Layout {
  /** Bits per tree. */
  readonly bits: typeof FEW | typeof MANY;
  /** Bytes of one mask, for all trees. */
  readonly maskBytes: number;
  /** The masks of all bins, ordered by feature, begin at 0. */
  readonly values: number;
  readonly rest: number;
  readonly places: number;
  readonly end: number;
}

/**
 * A forest laid out for lookup (after C. Lucchese and others, "QuickScorer", 2015): each bin of a feature has
 * a bit for every leaf, 0 if a row with this value cannot end there. In the intersection of the masks of all
 * features of a row, the first bit left in each tree is the leaf the row ends in: a few operations per tree,
 * and no unpredictable branches.
 */
export class MaskedForest {
  /** The addresses of the masks of one row, one per feature. */
  private readonly places: Int32Array;
  /** By feature: the address of its first mask. */
  private readonly starts: Int32Array;

  /** `undefined` if this machine cannot run it, or the trees are too large or ask for nothing. */
  static of(forest: Forest, bins: readonly FeatureBins[]): MaskedForest | undefined {
    const layout = layoutOf(forest.trees, bins);
    if (layout === undefined) return undefined;
    const memory = newMemory(layout.end);
    if (memory === undefined) return undefined;
    const functions = instantiate(MASKED_MODULE, memory);
    if (functions === undefined) return undefined;
    return new MaskedForest(forest, bins, layout, memory.buffer, functions as Functions);
  }

  /** Bytes of masks: of the bins of one row, and of all bins. */
  static sizeOf(trees: readonly Tree[], bins: readonly FeatureBins[]) {
    const maskBytes = maskBytesOf(trees.length, bitsPerTree(trees) ?? MANY);
    const all = bins.reduce((sum, { count }) => sum + count, 0);
    return { bytesPerRow: bins.length * maskBytes, bytes: all * maskBytes };
  }

  private constructor(
    private readonly forest: Forest,
    private readonly bins: readonly FeatureBins[],
    private readonly layout: Layout,
    buffer: ArrayBuffer,
    private readonly functions: Functions,
  ) {
    this.places = new Int32Array(buffer, layout.places, bins.length);
    this.starts = new Int32Array(bins.length);
    let start = 0;
    bins.forEach(({ count }, place) => {
      this.starts[place] = start;
      start += count * layout.maskBytes;
    });
    new Uint8Array(buffer, 0, start).fill(0xff);
    forest.trees.forEach((tree, index) => this.layOut(tree, index, buffer));
  }

  /** Raw scores of the given rows (all by default), `outputs` per row, in the order of the rows. */
  scores({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array {
    const { bins, starts, places, layout, functions } = this;
    const { outputs, base } = this.forest;
    const count = some?.length ?? rows;
    const scores = new Float64Array(count * outputs);
    const used = bins.map(({ feature }) => columns[feature] as Float32Array);
    const placesEnd = layout.places + places.byteLength;
    for (let index = 0; index < count; index += 1) {
      const row = some === undefined ? index : (some[index] as number);
      for (let place = 0; place < bins.length; place += 1) {
        const value = (used[place] as Float32Array)[row] as number;
        const bin = binOfValue(value, bins[place] as FeatureBins);
        places[place] = (starts[place] as number) + bin * layout.maskBytes;
      }
      functions.meet(layout.places, placesEnd, layout.rest, layout.maskBytes);
      for (let output = 0; output < outputs; output += 1) {
        scores[index * outputs + output] = this.sum(output, base[output] ?? 0);
      }
    }
    return scores;
  }

  private sum(output: number, base: number): number {
    const { functions, forest, layout } = this;
    const bytes = layout.bits / 8;
    const sum = layout.bits === FEW ? functions.sum16 : functions.sum64;
    return sum(
      layout.rest + output * bytes,
      layout.rest + forest.trees.length * bytes,
      layout.values + output * layout.bits * FLOAT_BYTES,
      forest.outputs * bytes,
      base,
    );
  }

  private layOut(tree: Tree, index: number, buffer: ArrayBuffer): void {
    const { bits, maskBytes, values } = this.layout;
    const { order, from, middle } = leavesInOrder(tree);
    const leafValues = new Float32Array(buffer, values + index * bits * FLOAT_BYTES, bits);
    order.forEach((leaf, place) => (leafValues[place] = tree.value[leaf] as number));
    // As words of 16 bits: a tree has one or four of them.
    const masks = new Uint16Array(buffer, 0, values / 2);
    const words = bits / FEW;
    tree.feature.forEach((feature, node) => {
      const place = this.bins.findIndex((bins) => bins.feature === feature);
      const isLeft = leftBinsOf(tree, node, this.bins[place] as FeatureBins);
      // A row that goes right cannot end on the left. The result is the first leaf that remains.
      const kept = Array.from({ length: words }, (_, word) =>
        outsideOf((from[node] as number) - word * FEW, (middle[node] as number) - word * FEW),
      );
      for (let bin = 0; bin < isLeft.length; bin += 1) {
        if (isLeft[bin] === 1) continue;
        const at = ((this.starts[place] as number) + bin * maskBytes) / 2 + index * words;
        for (let word = 0; word < words; word += 1) {
          masks[at + word] = (masks[at + word] as number) & (kept[word] as number);
        }
      }
    });
  }
}

function layoutOf(trees: readonly Tree[], bins: readonly FeatureBins[]): Layout | undefined {
  const bits = bitsPerTree(trees);
  if (bits === undefined || bins.length === 0) return undefined;
  const maskBytes = maskBytesOf(trees.length, bits);
  const values = bins.reduce((sum, { count }) => sum + count, 0) * maskBytes;
  const rest = values + trees.length * bits * FLOAT_BYTES;
  const places = rest + maskBytes;
  return { bits, maskBytes, values, rest, places, end: places + bins.length * ADDRESS_BYTES };
}

/** `undefined` if a tree has too many leaves. */
function bitsPerTree(trees: readonly Tree[]): Layout['bits'] | undefined {
  const most = trees.reduce((largest, { value }) => Math.max(largest, value.length), 1);
  return most <= FEW ? FEW : most <= MANY ? MANY : undefined;
}

function maskBytesOf(trees: number, bits: number): number {
  return Math.ceil((trees * bits) / 8 / STEP) * STEP;
}

/** 16 bits, of which those from `from` to before `to` are 0. */
function outsideOf(from: number, to: number): number {
  const below = (count: number): number => (1 << Math.max(0, Math.min(FEW, count))) - 1;
  return 0xffff & ~(below(to) & ~below(from));
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
