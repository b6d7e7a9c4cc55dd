import { endOfWholeWords } from './outgoing-policy.js';
import { beforeOpenMarker } from './source-numbers.js';

/** Passes a stream through a function that judges words and `[1, 3]` one by one, holding back the last. */
export class OutgoingStream {
  private pending = '';

  /** `leave` makes the same of a whole text and of its pieces, cut before white space. */
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
