import { isPause, type Work } from '../work.js';
import type { SecondaryIndex } from './secondary-index.js';
import type { OwnWrite } from './transaction-writes.js';

/** The keys a write removes from an index and adds to it; the same list if they stay. */
export interface KeyMove {
  readonly index: SecondaryIndex;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A write of a transaction with everything computed that its commit needs. */
export interface StagedWrite {
  readonly rid: number;
  readonly write: OwnWrite;
  readonly moves: readonly KeyMove[];
}

export interface StagedWrites {
  readonly indexes: readonly SecondaryIndex[];
  readonly writes: readonly StagedWrite[];
}

/** Computes keys with pauses, so that the commit itself, which cannot pause, is short. */
export function* stageWrites(
  indexes: readonly SecondaryIndex[],
  own: ReadonlyMap<number, OwnWrite>,
  prepare: (rid: number, bytes: Uint8Array) => void,
): Work<StagedWrites> {
  const writes: StagedWrite[] = [];
  for (const [rid, write] of own) {
    writes.push({ rid, write, moves: indexes.map((index) => moveIn(index, write)) });
    if (write.after) prepare(rid, write.after.bytes);
    if (isPause(writes.length)) yield;
  }
  return { indexes, writes };
}

function moveIn(index: SecondaryIndex, { before, after }: OwnWrite): KeyMove {
  const from = before ? index.keysOf(before.view) : [];
  const to = after ? index.keysOf(after.view) : [];
  return { index, from, to: haveSameKeys(from, to) ? from : to };
}

export const haveSameKeys = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, i) => key === b[i]);
