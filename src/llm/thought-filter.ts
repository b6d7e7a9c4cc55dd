/** The tags models wrap around thinking that is not for the reader. */
const TAG = /<(\/?)(?:think|thinking|thought|thoughts|reasoning|reflection)>/giu;
/** A piece that may turn into such a tag once the rest arrives. */
const OPEN_TAG = /<\/?[a-z]{0,10}$/iu;

export interface Filtered {
  /** The text to show. */
  readonly text: string;
  /** There was a closing tag without an opening one: everything before it was thinking, too. */
  readonly discard: boolean;
}

/** Removes thinking from text that arrives in pieces, wherever it is cut. */
export class ThoughtFilter {
  private pending = '';
  private depth = 0;
  /** Text was let through that a closing tag without an opening one would take back. */
  private hasPassedText = false;
  /** The next text follows thinking, so its leading blank lines are removed. */
  private trims = false;
  private hasEnded = false;
  private visible = '';
  /** A thought ended without a beginning: models that do so once do it every time. */
  beganInside = false;

  /** `withholds`: the model is known to begin in the middle of a thought; nothing passes before it ends. */
  constructor(private readonly withholds = false) {}

  push(piece: string): Filtered {
    const text = this.pending + piece;
    const open = OPEN_TAG.exec(text)?.index ?? text.length;
    this.pending = text.slice(open);
    return this.take(text.slice(0, open));
  }

  /** Returns the rest. If the end of a thought never came, the withheld text was the answer. */
  end(): Filtered {
    const rest = this.pending;
    this.pending = '';
    const last = this.take(rest);
    return this.withholds && !this.hasEnded ? { text: this.visible + last.text, discard: false } : last;
  }

  private take(text: string): Filtered {
    let output = '';
    let discard = false;
    let from = 0;
    for (const match of text.matchAll(TAG)) {
      if (this.depth === 0) output += text.slice(from, match.index);
      from = match.index + match[0].length;
      if (match[1] === '') this.depth += 1;
      else if (this.depth > 0) this.depth -= 1;
      else {
        discard = discard || this.hasPassedText || output.trim() !== '';
        output = '';
        this.visible = '';
        this.hasPassedText = false;
        this.beganInside = true;
      }
      if (this.depth === 0) {
        this.hasEnded = true;
        this.trims = true;
      }
    }
    if (this.depth === 0) output += text.slice(from);
    return { text: this.pass(output), discard };
  }

  private pass(text: string): string {
    if (this.withholds && !this.hasEnded) {
      this.visible += text;
      return '';
    }
    const output = this.trims ? text.trimStart() : text;
    if (output !== '') {
      this.trims = false;
      this.hasPassedText = true;
    }
    return output;
  }
}
