const FIRST_BYTES = 64 * 1024;

/**
 * Gathers a body that arrives in pieces. With its declared length it is in memory once, and not twice as when
 * the pieces are joined at the end.
 */
export class GatheredBytes {
  private bytes: Buffer;
  private used = 0;

  constructor(declaredLength: number | undefined) {
    this.bytes = Buffer.allocUnsafeSlow(declaredLength ?? FIRST_BYTES);
  }

  get length(): number {
    return this.used;
  }

  add(piece: Buffer): void {
    const length = this.used + piece.length;
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    piece.copy(this.bytes, this.used);
    this.used = length;
  }

  whole(): Buffer {
    return this.bytes.subarray(0, this.used);
  }
}
