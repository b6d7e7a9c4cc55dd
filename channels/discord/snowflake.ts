import { z } from 'zod';

/** Ids are decimal numbers of 64 bits that begin with the time. */
export const snowflakeSchema = z.string().regex(/^\d{1,19}$/);

/** Milliseconds of 2015-01-01: Discord counts from there. */
const EPOCH_MS = 1_420_070_400_000;

/** When the thing with this id was made. */
export function timeOf(id: string): Date {
  return new Date(Number(BigInt(id) >> 22n) + EPOCH_MS);
}

/** Orders as ids do, and fits into a number: the time and the counter, without the machine between them. */
export function sequenceOf(id: string): number {
  const value = BigInt(id);
  return Number(value >> 22n) * 4096 + Number(value & 0xfffn);
}

/** For what has a time and no id, after everything of that millisecond. */
export function sequenceAt(time: Date): number {
  return Math.max(0, time.getTime() - EPOCH_MS) * 4096 + 4095;
}

/** Negative when `a` is the earlier one. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The smallest id of a millisecond: everything made before it has a smaller one. */
export function idAt(time: Date): string {
  return String(BigInt(Math.max(0, time.getTime() - EPOCH_MS)) << 22n);
}
