/** Start of 2015 in Unix time, the epoch of Discord's ids, in ms. */
const EPOCH_MS = 1_420_070_400_000;

/** Creates ids as Discord does: a timestamp followed by a counter, so that later ids are larger. */
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
