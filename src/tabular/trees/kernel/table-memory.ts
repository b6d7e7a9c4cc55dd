/** The part of Node's WebAssembly API used here; TypeScript declares it only with the DOM types. */
interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
};

export type TableMemory = WasmMemory;

const PAGE = 65_536;
/** The range of a 32-bit address; must match the import in `kernel.wat`. */
const MOST_PAGES = 65_536;

/** Zeroed bytes that all threads share, in WebAssembly memory if there is any. */
export function sharedBytes(length: number): { readonly bytes: Uint8Array; readonly memory?: TableMemory } {
  try {
    const initial = Math.ceil(length / PAGE) + 1;
    const memory = new WebAssembly.Memory({ initial, maximum: MOST_PAGES, shared: true });
    return { bytes: new Uint8Array(memory.buffer, 0, length), memory };
  } catch {
    return { bytes: new Uint8Array(new SharedArrayBuffer(length)) };
  }
}

/** What this thread has added to a memory, to be used again by its next fit. */
const regions = new WeakMap<TableMemory, { readonly start: number; readonly length: number }>();

/** The address of `length` more bytes that only this thread uses; `undefined` if there are none. */
export function privateRegion(memory: TableMemory, length: number): number | undefined {
  const existing = regions.get(memory);
  if (existing !== undefined && existing.length >= length) return existing.start;
  const pages = Math.ceil(length / PAGE);
  try {
    const start = memory.grow(pages) * PAGE;
    regions.set(memory, { start, length: pages * PAGE });
    return start;
  } catch {
    return undefined;
  }
}

/** The functions of a compiled module in a memory; `undefined` if this machine cannot run them. */
export function instantiate(base64: string, memory: TableMemory): object | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (!WebAssembly.validate(bytes)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory } }).exports;
}
