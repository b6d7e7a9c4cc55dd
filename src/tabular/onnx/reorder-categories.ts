import { featuresOf, type ColumnPlan } from '../features/column-plan.js';
import type { Forest, Tree } from '../trees/forest.js';

interface TreeModel {
  readonly plans: readonly ColumnPlan[];
  readonly forest: Forest;
}

/** The categories that a node sends left, 1 by code, and how many training rows it decided about. */
interface NodeSet {
  readonly members: Uint8Array;
  readonly rows: number;
}

/**
 * The same model with new codes for its categories, in an order in which the sets of the nodes are as few
 * ranges as possible: the artifact compares a value with the bounds of each range.
 */
export function reorderCategories({ plans, forest }: TreeModel): TreeModel {
  const orders = new Map<string, readonly number[]>();
  const places = featuresOf(plans).map(({ column, categories }, feature) => {
    if (categories === undefined) return undefined;
    const order = orderOf(categories.length, setsOf(forest.trees, feature, categories.length));
    orders.set(column, order);
    const placeOf = new Int32Array(order.length);
    order.forEach((code, place) => (placeOf[code] = place));
    return placeOf;
  });
  return {
    plans: plans.map((plan) => {
      const order = orders.get(plan.column);
      if (plan.type !== 'category' || order === undefined) return plan;
      return { ...plan, categories: order.map((code) => plan.categories[code] ?? '') };
    }),
    forest: {
      ...forest,
      trees: forest.trees.map((tree) => ({
        ...tree,
        sets: tree.sets.map((set, node) => {
          const placeOf = places[tree.feature[node] as number];
          return placeOf === undefined ? set : set.map((code) => placeOf[code] as number);
        }),
      })),
    },
  };
}

function setsOf(trees: readonly Tree[], feature: number, categories: number): NodeSet[] {
  return trees.flatMap(({ feature: features, sets, nodeRows }) =>
    sets.flatMap((codes, node) => {
      if (features[node] !== feature) return [];
      const members = new Uint8Array(categories);
      for (const code of codes) members[code] = 1;
      return [{ members, rows: nodeRows[node] as number }];
    }),
  );
}

/** Each category is followed by the one that is most often on the same side. */
function orderOf(categories: number, sets: readonly NodeSet[]): readonly number[] {
  const order: number[] = [];
  const waiting = new Set(Array.from({ length: categories }, (_, code) => code));
  let [next] = waiting;
  while (next !== undefined) {
    order.push(next);
    waiting.delete(next);
    next = nearest(next, waiting, sets);
  }
  return order;
}

function nearest(code: number, others: Iterable<number>, sets: readonly NodeSet[]): number | undefined {
  let found: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const other of others) {
    const rows = rowsBetween(code, other, sets);
    if (rows >= least) continue;
    found = other;
    least = rows;
  }
  return found;
}

/** Training rows of the nodes that send two categories to different sides. */
function rowsBetween(a: number, b: number, sets: readonly NodeSet[]): number {
  let between = 0;
  for (const { members, rows } of sets) if (members[a] !== members[b]) between += rows;
  return between;
}
