/** The part of Node's WebAssembly API used here; TypeScript declares it only with the DOM types. */
declare const WebAssembly: {
  readonly Memory: {
    new (size: { readonly initial: number }): { readonly buffer: ArrayBuffer };
    new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }): SharedMemory;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
};

/** Memory of several threads. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Returns the previous number of pages. */
  grow(pages: number): number;
}

export type Memory = SharedMemory | { readonly buffer: ArrayBuffer };

export const PAGE_BYTES = 65_536;
/** The range of a 32-bit address; must match the imports of modules that use shared memory. */
const MOST_PAGES = 65_536;

/** Memory for at least `bytes`; `undefined` if there is none. */
export function newMemory(bytes: number): { readonly buffer: ArrayBuffer } | undefined {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  } catch {
    return undefined;
  }
}

/** Memory for at least `bytes`, which threads can share and add to; `undefined` if there is none. */
export function newSharedMemory(bytes: number): SharedMemory | undefined {
  try {
    const initial = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
    return new WebAssembly.Memory({ initial, maximum: MOST_PAGES, shared: true });
  } catch {
    return undefined;
  }
}

/** The functions of a compiled module in a memory; `undefined` if this machine cannot run them. */
export function instantiate(base64: string, memory: Memory): object | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (!WebAssembly.validate(bytes)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory } }).exports;
}
