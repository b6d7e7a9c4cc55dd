import { endOfWholeWords } from './outgoing-policy.js';
import { beforeOpenMarker } from './source-numbers.js';

/** Filters a stream word by word, and `[1, 3]` as a unit, holding back the last incomplete one. */
export class OutgoingStream {
  private pending = '';

  /** `leave` must give the same result for a whole text as for its parts, split before white space. */
  constructor(private readonly leave: (text: string) => string) {}

  push(piece: string): string {
    this.pending += piece;
    const end = endOfWholeWords(beforeOpenMarker(this.pending));
    const ready = this.pending.slice(0, end);
    this.pending = this.pending.slice(end);
    return this.leave(ready);
  }

  end(): string {
    const rest = this.pending;
    this.pending = '';
    return this.leave(rest);
  }
}
