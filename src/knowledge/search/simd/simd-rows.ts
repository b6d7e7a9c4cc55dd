import { DOT_MODULE } from './module.js';

/** The part of Node's WebAssembly API used here; TypeScript declares it only with the DOM types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const PAGE = 65_536;
/** Rows are padded to a multiple of this, the size of one SIMD step in bytes. */
const STEP = 64;
/** Maximum number of scores written by one call. */
const BLOCK = 1_024;
/** The range of a 32-bit address, less some room for the query and the scores. */
const MOST_BYTES = 4_000_000_000;

type Scores = (query: number, row: number, rows: number, bytes: number, out: number) => void;

let compiled: object | undefined;

/** Rows of numbers and their dot products with a query, computed with SIMD instructions. */
export class SimdRows {
  static readonly blockRows = BLOCK;
  /** All rows, `stride` numbers apart. */
  readonly values: Float32Array;
  readonly stride: number;
  private readonly query: Float32Array;
  private readonly out: Float32Array;
  private readonly scores: Scores;
  private readonly rowsAt: number;

  /** `undefined` if the rows exceed the address space or the memory cannot be allocated. */
  static of(rows: number, dimensions: number): SimdRows | undefined {
    const bytes = Math.ceil((dimensions * 4) / STEP) * STEP;
    if (rows * bytes > MOST_BYTES) return undefined;
    try {
      return new SimdRows(rows, bytes);
    } catch {
      return undefined;
    }
  }

  private constructor(
    readonly count: number,
    private readonly bytes: number,
  ) {
    this.stride = bytes / 4;
    this.rowsAt = bytes + BLOCK * 4;
    const memory = new WebAssembly.Memory({ initial: Math.ceil((this.rowsAt + count * bytes) / PAGE) });
    compiled ??= new WebAssembly.Module(Buffer.from(DOT_MODULE, 'base64'));
    const { exports } = new WebAssembly.Instance(compiled, { m: { memory } });
    ({ scores: this.scores } = exports as { scores: Scores });
    this.query = new Float32Array(memory.buffer, 0, this.stride);
    this.out = new Float32Array(memory.buffer, bytes, BLOCK);
    this.values = new Float32Array(memory.buffer, this.rowsAt, count * this.stride);
  }

  ask(query: Float32Array): void {
    this.query.set(query);
  }

  /**
   * Products of the query with at most `blockRows` rows, starting at `first`; the next call overwrites them.
   */
  block(first: number): Float32Array {
    const rows = Math.min(BLOCK, this.count - first);
    const { bytes } = this;
    this.scores(0, this.rowsAt + first * bytes, rows, bytes, bytes);
    return rows === BLOCK ? this.out : this.out.subarray(0, rows);
  }
}
