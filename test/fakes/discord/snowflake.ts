/** Milliseconds of 2015-01-01: Discord counts from there. */
const EPOCH_MS = 1_420_070_400_000;

/** Makes ids as Discord does: time, then a counter, so that a later id is a larger number. */
export class Snowflakes {
  private lastMs = 0;
  private increment = 0;

  constructor(private readonly now: () => number) {}

  next(): string {
    const ms = Math.max(this.now(), this.lastMs);
    this.increment = ms === this.lastMs ? this.increment + 1 : 0;
    this.lastMs = ms;
    return String((BigInt(ms - EPOCH_MS) << 22n) | BigInt(this.increment & 0xfff));
  }
}
