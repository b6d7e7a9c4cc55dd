import type { BinnedTable } from '../bin-columns.js';
import { PlainKernel } from './plain-kernel.js';
import { SimdKernel } from './simd-kernel.js';

/** The fastest kernel this machine can run, for trees of so many rows of a table and so many leaves. */
export function kernelFor(table: BinnedTable, rows: number, leaves: number): PlainKernel {
  return SimdKernel.of(table, rows, leaves) ?? new PlainKernel(table, rows);
}
