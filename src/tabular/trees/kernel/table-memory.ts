import { newSharedMemory, PAGE_BYTES, type SharedMemory } from '../../web-assembly.js';

/** Zeroed bytes that all threads share, in WebAssembly memory if there is any. */
export function sharedBytes(length: number): { readonly bytes: Uint8Array; readonly memory?: SharedMemory } {
  const memory = newSharedMemory(length);
  return memory === undefined
    ? { bytes: new Uint8Array(new SharedArrayBuffer(length)) }
    : { bytes: new Uint8Array(memory.buffer, 0, length), memory };
}

/** What this thread has added to a memory, to be used again by its next fit. */
const regions = new WeakMap<SharedMemory, { readonly start: number; readonly length: number }>();

/** The address of `length` more bytes that only this thread uses; `undefined` if there are none. */
export function privateRegion(memory: SharedMemory, length: number): number | undefined {
  const existing = regions.get(memory);
  if (existing !== undefined && existing.length >= length) return existing.start;
  const pages = Math.ceil(length / PAGE_BYTES);
  try {
    const start = memory.grow(pages) * PAGE_BYTES;
    regions.set(memory, { start, length: pages * PAGE_BYTES });
    return start;
  } catch {
    return undefined;
  }
}
