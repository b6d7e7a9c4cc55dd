import { z } from 'zod';

/** Ids are 64-bit integers in decimal notation; their highest bits are a timestamp. */
export const snowflakeSchema = z.string().regex(/^\d{1,19}$/);

/** Start of 2015 in Unix time, the epoch of Discord's ids, in ms. */
const EPOCH_MS = 1_420_070_400_000;

/** When the object with this id was created. */
export function timeOf(id: string): Date {
  return new Date(Number(BigInt(id) >> 22n) + EPOCH_MS);
}

/**
 * A number that sorts like the ids: the time and the counter, without the worker and process ids between
 * them.
 */
export function sequenceOf(id: string): number {
  const value = BigInt(id);
  return Number(value >> 22n) * 4096 + Number(value & 0xfffn);
}

/** The sequence for something that has a time but no id; sorts after everything else in that millisecond. */
export function sequenceAt(time: Date): number {
  return Math.max(0, time.getTime() - EPOCH_MS) * 4096 + 4095;
}

/** Negative if `a` is earlier. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The smallest id of a millisecond; everything created before it has a smaller id. */
export function idAt(time: Date): string {
  return String(BigInt(Math.max(0, time.getTime() - EPOCH_MS)) << 22n);
}
