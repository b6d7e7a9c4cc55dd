import { readFile } from 'node:fs/promises';

/** Resources used by a process. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** USER_HZ, which is the same on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/**
 * Reads `/proc/<pid>/stat`; `undefined` if it does not exist or the process is gone. Field numbers follow
 * proc(5).
 */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (line === undefined) return undefined;
  // The second field is the name in parentheses and may contain anything, so count from its end.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  return {
    cpuMs: ((field(14) + field(15)) * 1000) / TICKS_PER_SECOND,
    residentBytes: field(24) * PAGE_BYTES,
  };
}
