/** One write of a commit; null means a removal. */
export interface Write {
  readonly key: Buffer;
  readonly value: Uint8Array | null;
}

/** Where records are stored: lmdb, or the intact part of a damaged file. */
export interface Environment {
  /** Why nothing can be written, as a sentence. */
  readonly readOnlyReason: string | undefined;
  get(key: Buffer): Uint8Array | undefined;
  range(start: Buffer, end: Buffer): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  /** Resolves once the writes are on disk; all or none of them. */
  write(writes: Iterable<Write>): Promise<void>;
  /** From here on reads see what is on disk now. */
  refresh(): void;
  /** Writes a copy without free pages. */
  copyTo(path: string): Promise<void>;
  /** Replaces the file with a copy without free pages; nothing may be read or written in the meantime. */
  replaceBy(copy: string): Promise<void>;
  /** What the file says about the newest commit and the one before it; empty if it cannot be read. */
  headers(): { readonly newest: string; readonly before: string };
  bytes(): { readonly file: number; readonly free: number };
  close(): Promise<void>;
}
