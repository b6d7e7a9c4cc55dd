/** What one file may cost. Bytes unless the name says otherwise. */
export interface ParseLimits {
  readonly inputBytes: number;
  /** Characters of text that may come out. */
  readonly outputChars: number;
  /** What a packed file may say that it unpacks to. */
  readonly unpackedBytes: number;
  readonly pages: number;
  readonly rows: number;
  /** Of one CSV record, in bytes. */
  readonly recordBytes: number;
  /** Processor time of the child, in ms. */
  readonly cpuMs: number;
  /** Time on the clock, in ms: longer than `cpuMs`, because a busy machine is not the file's fault. */
  readonly wallMs: number;
  readonly residentBytes: number;
  readonly heapMegabytes: number;
}

const MEGABYTE = 1024 * 1024;

export const PARSE_LIMITS = {
  inputBytes: 50 * MEGABYTE,
  outputChars: 5 * MEGABYTE,
  unpackedBytes: 200 * MEGABYTE,
  pages: 2000,
  rows: 100_000,
  recordBytes: MEGABYTE,
  cpuMs: 30_000,
  wallMs: 90_000,
  residentBytes: 512 * MEGABYTE,
  heapMegabytes: 256,
} as const satisfies ParseLimits;
