/** A list of integers in one block of memory that grows as needed. */
export class GrowingNumbers {
  private values = new Int32Array(1_024);
  size = 0;

  push(...numbers: readonly number[]): void {
    const end = this.size + numbers.length;
    if (end > this.values.length) {
      const larger = new Int32Array(Math.max(end, 2 * this.values.length));
      larger.set(this.values);
      this.values = larger;
    }
    this.values.set(numbers, this.size);
    this.size = end;
  }

  /** The numbers in a block of exactly their size. */
  finish(): Int32Array {
    return this.values.slice(0, this.size);
  }
}
