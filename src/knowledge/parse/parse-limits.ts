/** What reading one file may cost. In bytes unless the name says otherwise. */
export interface ParseLimits {
  readonly inputBytes: number;
  /** Characters of text in the result. */
  readonly outputChars: number;
  /** Unpacked size that a packed file may declare. */
  readonly unpackedBytes: number;
  readonly pages: number;
  readonly rows: number;
  /** Longest CSV record, in bytes. */
  readonly recordBytes: number;
  /** Processor time of the child, in ms. */
  readonly cpuMs: number;
  /** Elapsed time, in ms: longer than `cpuMs`, because a busy machine is not the file's fault. */
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
