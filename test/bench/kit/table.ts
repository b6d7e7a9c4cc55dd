import { spreadOf } from './statistics.js';

export interface Row {
  readonly what: string;
  /** One figure per round; `rival` has those of the rival or floor in the same rounds. */
  readonly ours: readonly number[];
  readonly rival: readonly number[];
  readonly rivalName: string;
  readonly unit: string;
  /** For the ratio ours / rival; absent if the row is only for comparison. */
  readonly goal?: { readonly kind: 'at most' | 'at least'; readonly ratio: number };
}

/** Prints each row as a ratio to its rival: median of the rounds, spread and goal. */
export function printTable(title: string, rows: readonly Row[], notes: readonly string[] = []): void {
  console.log(`\n${title}`);
  for (const row of rows) console.log(`  ${lineOf(row)}`);
  for (const note of notes) console.log(`  (${note})`);
}

function lineOf({ what, ours, rival, rivalName, unit, goal }: Row): string {
  const ratio = spreadOf(ours.map((figure, round) => figure / (rival[round] ?? Number.NaN)));
  const ratios = `${digits(ratio.median)}x ${rivalName} (${digits(ratio.lowest)}..${digits(ratio.highest)})`;
  const figures = `${digits(spreadOf(ours).median)} against ${digits(spreadOf(rival).median)} ${unit}`;
  if (goal === undefined) return `${what}: ${ratios}; ${figures}`;
  const isMet = goal.kind === 'at most' ? ratio.median <= goal.ratio : ratio.median >= goal.ratio;
  return `${what}: ${ratios}; ${figures}; goal ${goal.kind} ${goal.ratio}x: ${isMet ? 'met' : 'NOT met'}`;
}

export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
