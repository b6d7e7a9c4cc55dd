/** One write of a commit; null stands for a removal. */
export interface Write {
  readonly key: Buffer;
  readonly value: Uint8Array | null;
}

/** Where records are kept: lmdb, or the whole part of a damaged file. */
export interface Environment {
  /** Why nothing can be written: a sentence. */
  readonly readOnlyReason: string | undefined;
  get(key: Buffer): Uint8Array | undefined;
  range(start: Buffer, end: Buffer): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  /** Resolves when the writes are on disk; all of them or none. */
  write(writes: Iterable<Write>): Promise<void>;
  /** From now on reads see what is on disk now. */
  refresh(): void;
  /** Writes a copy without free pages. */
  copyTo(path: string): Promise<void>;
  /** Replaces the file by a copy without free pages; nothing may be read or written meanwhile. */
  replaceBy(copy: string): Promise<void>;
  /** What the file says of the newest commit and of the one before it; empty when it can not be read. */
  headers(): { readonly newest: string; readonly before: string };
  bytes(): { readonly file: number; readonly free: number };
  close(): Promise<void>;
}
